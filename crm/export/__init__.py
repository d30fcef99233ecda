"""Export: clean CSV for the CRM."""

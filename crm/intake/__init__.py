"""Intake: what connectors bring becomes messages, contacts and conversations."""

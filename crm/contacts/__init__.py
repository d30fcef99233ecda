"""Contacts: the cards that sources brought, the identities on them, and which are one person."""

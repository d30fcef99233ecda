"""Conversations: one matter with one contact, over any number of channels."""

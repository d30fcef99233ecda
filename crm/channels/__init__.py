"""Channels: what is configured, how far it was read, and the contract with the outside."""

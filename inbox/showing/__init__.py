"""Showing: how a message's words, states and differences become what stands on the page."""

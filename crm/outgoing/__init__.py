"""Outgoing: replies are queued, held when overtaken, and delivered once."""

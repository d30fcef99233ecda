"""The outside world: every way in and every way out."""

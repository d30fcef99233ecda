"""Search: one normaliser before two engines, newest first."""

"""Community channels: feeds and forums."""

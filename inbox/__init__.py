"""The inbox: the pages on which agents read the tray and answer."""

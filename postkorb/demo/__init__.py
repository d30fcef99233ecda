"""The demo: a believable firm's mails, letters and posts, laid out so that the true path runs."""

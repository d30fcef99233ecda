"""OAuth 2 for mailboxes: settings, tokens, the grants that fetch the first ones, the sign-in."""

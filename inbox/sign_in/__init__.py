"""Who may come in: accounts, passwords, links that work once."""

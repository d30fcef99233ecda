"""E-mail: mailboxes read by IMAP or from a Maildir, answers sent by SMTP."""

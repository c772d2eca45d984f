"""What the server keeps per open tab: a disposable cache of the database."""

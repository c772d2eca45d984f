"""What all adapters of e-mail are made of: the message, its files, replies to it."""

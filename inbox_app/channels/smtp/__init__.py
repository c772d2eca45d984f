"""What the SMTP adapter is made of: connections, conversations, refusals."""

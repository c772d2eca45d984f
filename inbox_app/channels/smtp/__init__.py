"""What the SMTP adapter is made of: addresses, the message, connections, refusals."""

"""Many senders at once, and servers that are killed under them."""

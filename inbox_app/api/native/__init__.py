"""The native API: the vendor Pingram's resources, one module each, and a few of our own."""

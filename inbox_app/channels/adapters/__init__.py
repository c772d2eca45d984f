"""One module per provider; each has a ``PROVIDER``, and the registry finds it."""

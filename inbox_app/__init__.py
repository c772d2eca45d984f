"""A self-hosted notification hub with an in-app inbox."""

__version__ = "0.1.0"

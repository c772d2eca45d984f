"""The ways out: adapters that hand a rendered message to a provider, or raise."""

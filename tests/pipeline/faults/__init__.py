"""Everything a provider can do, through the whole engine."""

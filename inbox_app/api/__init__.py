"""The HTTP APIs: wire shapes at the edge, services behind them."""

"""Measures what the budgets promise, as ratios: ``python -m tests.benchmarks``."""

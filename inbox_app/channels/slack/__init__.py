"""Slack: its errors, the tokens of people, the names they go by, and what it reports."""

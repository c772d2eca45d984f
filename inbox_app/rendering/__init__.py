"""Rendering: a notification's content with its parameters merged in, safe to show."""

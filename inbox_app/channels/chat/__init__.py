"""Chats that are written to by a URL, and Slack's markup in the terms of each."""

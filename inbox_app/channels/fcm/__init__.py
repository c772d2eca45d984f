"""Firebase Cloud Messaging: who we are to it, and what it is told."""

NAME = "fcm"

"""Apple Push Notification service: who we are to it, and what it is told."""

NAME = "apns"

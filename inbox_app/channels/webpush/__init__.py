"""Web push, apart from the sending: keys, what a browser can be sent, what it is shown."""

NAME = "web_push"

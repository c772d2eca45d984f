"""The one tree of errors. Each has a stable code; every API maps it to its own wire shape."""

from __future__ import annotations


class InboxError(Exception):
    """Base of all errors that a caller is told about.

    Attributes:
        code: Stable name a program can test for.
        message: One sentence for a person: what is wrong.
        fix: One sentence: what to do about it, or "" when the message says it all.
    """

    code = "ERROR"

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class InvalidInput(InboxError):
    """The request cannot be understood or breaks a rule."""

    code = "INVALID_INPUT"


class TooLarge(InvalidInput):
    """The request body is over the limit."""

    code = "TOO_LARGE"


class Unauthenticated(InboxError):
    """The credentials are missing or wrong."""

    code = "UNAUTHORIZED"


class Refused(InboxError):
    """The caller is known, and may not do this."""

    code = "FORBIDDEN"


class NotFound(InboxError):
    """There is no such thing, or not for this caller."""

    code = "NOT_FOUND"


class Conflict(InboxError):
    """The request contradicts an earlier one."""

    code = "CONFLICT"


class Unavailable(InboxError):
    """The server cannot do this now; the same request may succeed later."""

    code = "UNAVAILABLE"

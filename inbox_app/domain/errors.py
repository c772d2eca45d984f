"""The one tree of errors. Each has a stable code; every API maps it to its own wire shape."""

from __future__ import annotations

from datetime import datetime


class InboxError(Exception):
    """Base of all errors that a caller is told about.

    Attributes:
        code: Stable name a program can test for.
        message: One sentence for a person: what is wrong.
        fix: One sentence: what to do about it, or "" when the message says it all.
        name: Key of the message in the catalogue, where people are told of this very error; "" is
            one that its code stands for. Where nothing else is said, it says the fix as well.
        values: What fills the places of that message.
    """

    code = "ERROR"

    def __init__(self, message: str, *, fix: str = "", name: str = "", **values: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.name = name
        self.values = values


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


class Contended(Unavailable):
    """Two changes got in each other's way and this one gave way; at once it would succeed."""

    code = "CONTENDED"


class ProviderError(InboxError):
    """A provider did not take a message. The subclasses say what that means for the next try.

    Attributes:
        provider: Name of the provider.
        status: The provider's own status or code, or "".
        detail: The provider's words, shortened, without secrets.
        for_operator: Nobody but an operator can mend it, in the settings or with the provider.
    """

    code = "PROVIDER_ERROR"

    def __init__(
        self, provider: str, detail: str, *, status: str = "", for_operator: bool = False
    ) -> None:
        super().__init__(f"{provider}: {detail}" + (f" ({status})" if status else ""))
        self.provider = provider
        self.status = status
        self.detail = detail
        self.for_operator = for_operator


class Transient(ProviderError):
    """It did not arrive, and a later try may succeed.

    Attributes:
        about_message: It is this message that the trouble is with; others may well pass.
    """

    code = "PROVIDER_TRANSIENT"

    def __init__(
        self,
        provider: str,
        detail: str,
        *,
        status: str = "",
        about_message: bool = False,
        for_operator: bool = False,
    ) -> None:
        super().__init__(provider, detail, status=status, for_operator=for_operator)
        self.about_message = about_message


class RateLimited(Transient):
    """Too much at once.

    Attributes:
        retry_after: Seconds until the provider takes more, None when it did not say.
    """

    code = "PROVIDER_RATE_LIMITED"

    def __init__(
        self, provider: str, detail: str, *, status: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(provider, detail, status=status)
        self.retry_after = retry_after


class Permanent(ProviderError):
    """It will never arrive this way.

    Attributes:
        dead_address: The address itself is at fault and is not to be used again.
        dead_since: When the provider says it died, None when it does not.
        opted_out: It is dead because its owner told the provider to send no more, and may say
            otherwise.
    """

    code = "PROVIDER_PERMANENT"

    def __init__(  # noqa: PLR0913 - all by name
        self,
        provider: str,
        detail: str,
        *,
        status: str = "",
        dead_address: bool = False,
        dead_since: datetime | None = None,
        opted_out: bool = False,
        for_operator: bool = False,
    ) -> None:
        super().__init__(provider, detail, status=status, for_operator=for_operator)
        self.dead_address = dead_address
        self.dead_since = dead_since
        self.opted_out = opted_out


class UnsupportedContent(Permanent):
    """The message says something this provider cannot express."""

    code = "UNSUPPORTED_CONTENT"


class OutcomeUnknown(ProviderError):
    """The line broke after the request was written: it may have arrived or not."""

    code = "PROVIDER_UNKNOWN"

"""One request, how far it is, and what has come of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from multidict import CIMultiDict

from inbox_app.lib.http import Answer, ConnectFailed, HttpError, Interrupted

LOST = "the connection was refused or lost"
LATE = "the connection timed out"
NOT_TAKEN = "the server did not take the request"
STATUSES = range(100, 1000)


class Exchange:
    """A request on its way; its caller waits for `answer`.

    Args:
        head: The header fields in order, those that begin with a colon first.
        limit: Most bytes of the answer's body.
        host: Where to, for the words of an error.

    Attributes:
        unsent: What has to wait for the server's flow control.
        written: Its end went out. From here on it may count; a request whose end was never sent
            does not (RFC 9113, section 8.1).
        heard_before: How often its line's server had answered anything when it was put there.
    """

    def __init__(
        self, head: Sequence[tuple[bytes, bytes]], body: bytes, limit: int, host: str
    ) -> None:
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.head = head
        self.host = host
        self.unsent = self._body = body
        self.written = False
        self.heard_before = 0
        self._limit = limit
        self._once_more = True
        self._status = 0
        self._headers: CIMultiDict[str] = CIMultiDict()
        self._content = bytearray()

    @property
    def over(self) -> bool:
        """Whether its caller knows what came of it, or does not wait any more."""
        return self.answer.done()

    def begin(self, heard_before: int) -> None:
        """It is put on a line, for the first time or once more."""
        self.unsent, self.written, self.heard_before = self._body, False, heard_before

    def turn_away(self) -> bool:
        """The server did nothing of it.

        Returns:
            Whether it may be put on a line once more, which it may one time; else its caller is
            told.
        """
        if self.over or self._status:
            self.break_off()
            return False
        once_more, self._once_more = self._once_more, False
        if not once_more:
            why = NOT_TAKEN if self.written else LOST
            self.fail(ConnectFailed(f"{self.host}: {why}"))
        return once_more

    def hear_head(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Takes the head of the answer.

        Raises:
            ValueError: there is no status in it.
        """
        pairs = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in fields]
        status = int(dict(pairs).get(":status", ""))
        if status not in STATUSES:
            raise ValueError("no status")
        self._status = status
        self._headers = CIMultiDict(pair for pair in pairs if not pair[0].startswith(":"))

    def hear(self, content: bytes) -> bool:
        """Takes a part of the body; whether that is more than was asked for."""
        self._content += content
        return len(self._content) > self._limit

    def finish(self, *, truncated: bool = False) -> None:
        """Tells the caller what was answered."""
        if not self._status:
            self.break_off()
        elif not self.over:
            self.answer.set_result(self._answer(truncated=truncated))

    def fail(self, error: HttpError) -> None:
        """Tells the caller that there is no answer."""
        if not self.over:
            self.answer.set_exception(error)

    def break_off(self) -> None:
        """Its line is lost, or the server gave it up: what the answer said so far stands."""
        if self._status:
            self.finish(truncated=True)
        elif self.written:
            self.fail(Interrupted(f"{self.host}: the answer broke off or made no sense"))
        else:
            self.fail(ConnectFailed(f"{self.host}: {LOST}"))

    def time_out(self) -> Answer:
        """The answer as far as it came.

        Raises:
            ConnectFailed: nothing was sent.
            Interrupted: it may have been sent.
        """
        if self.over and not self.answer.cancelled():
            return self.answer.result()
        if self._status:
            return self._answer(truncated=True)
        if self.written:
            raise Interrupted(f"{self.host}: the answer timed out")
        raise ConnectFailed(f"{self.host}: {LATE}")

    def _answer(self, *, truncated: bool) -> Answer:
        body = bytes(self._content[: self._limit])
        return Answer(self._status, self._headers, body, truncated)

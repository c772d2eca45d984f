"""The lines to one host that those share who call it under one name."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from inbox_app.lib.http import Answer, ConnectFailed, HttpError
from inbox_app.lib.http2.exchange import LATE, LOST, Exchange
from inbox_app.lib.http2.line import Line

MOST_LINES = 4
"""Apple takes one who opens many for an attacker, and asks for few that stay open."""
CROWDED_SECONDS = 0.5
"""How long calls wait for room before there is one more line. Apple takes one call at a time until
it has answered the first, and hundreds from then on."""
OPENING_SECONDS = 10.0
"""How long a line may take to come about; those who wait for it may have less time."""

Dial = Callable[[Line], Awaitable[None]]


class Lane:
    """Puts exchanges on lines, opens lines when there are none or too few, and keeps order.

    Args:
        dial: Connects a line. Raises `HttpError`.
        host: Where to, for the words of an error.
        idle_seconds: How long a line stays open that nobody uses.
        gone: Called when nothing is left of the lane, not even an open line.
    """

    def __init__(
        self, dial: Dial, host: str, idle_seconds: float, gone: Callable[[Lane], None]
    ) -> None:
        self._dial = dial
        self._host = host
        self._idle_seconds = idle_seconds
        self._gone = gone
        self._lines: list[Line] = []
        self._waiting: deque[Exchange] = deque()
        self._opening: asyncio.Task[None] | None = None
        self._growing: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self._waiting and all(line.idle for line in self._lines)

    async def listen(self) -> None:
        """Hears what a line that rested was told meanwhile, before something is put on it.

        What is written to a line whose other side is gone is lost.
        """
        line = self._with_room()
        if line is not None and line.idle:
            # In the first turn the event loop looks what came, in the second it is taken.
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def call(self, exchange: Exchange, timeout: float) -> Answer:
        """Sends a request as soon as there is room for it.

        Raises:
            Blocked: it is refused; nothing was sent.
            ConnectFailed: nothing was sent, or the server certainly did nothing of it.
            Interrupted: it may have been sent.
        """
        self._waiting.append(exchange)
        self.changed()
        try:
            async with asyncio.timeout(timeout):
                return await exchange.answer
        except TimeoutError:
            self._give_up(exchange, late=True)
            return exchange.time_out()
        except asyncio.CancelledError:
            self._give_up(exchange, late=False)
            raise

    async def close(self) -> None:
        """Closes all lines and waits until they are closed."""
        lines, opening, self._closed = list(self._lines), self._opening, True
        self._refuse(ConnectFailed(f"{self._host}: {LOST}"))
        if opening is not None:
            opening.cancel()
        for line in lines:
            line.close()
        await asyncio.gather(*(line.lost for line in lines))
        if opening is not None:
            await asyncio.wait([opening])

    def unprocessed(self, exchange: Exchange) -> None:
        """Takes back what a line got rid of (`line.Keeper`)."""
        if exchange.turn_away():
            self._waiting.appendleft(exchange)

    def changed(self) -> None:
        """Puts on lines what has room there (`line.Keeper`)."""
        self._drop_lost()
        while self._waiting and (line := self._with_room()) is not None:
            exchange = self._waiting.popleft()
            # Its caller may have given it up, and be about to say so.
            if not exchange.over:
                line.begin(exchange)
        if self._waiting:
            self._want_more()
        else:
            self._want_no_more()
        if not (self._lines or self._waiting or self._opening):
            self._gone(self)

    def _drop_lost(self) -> None:
        lost = [line for line in self._lines if line.lost.done()]
        for line in lost:
            self._lines.remove(line)
        if not all(line.used for line in lost):
            # The next would fare no better: one who hangs up on everybody is not called for ever.
            self._fail(ConnectFailed(f"{self._host}: {LOST}"))

    def _with_room(self) -> Line | None:
        return next((line for line in self._lines if line.has_room), None)

    def _taking(self) -> int:
        return sum(line.takes_more for line in self._lines)

    def _want_more(self) -> None:
        if self._closed:
            self._refuse(ConnectFailed(f"{self._host}: {LOST}"))
        elif not self._taking():
            self._open()
        elif self._growing is None:
            self._growing = asyncio.get_running_loop().call_later(CROWDED_SECONDS, self._grow)

    def _want_no_more(self) -> None:
        if self._growing is not None:
            self._growing.cancel()
            self._growing = None
        if self._opening is not None:
            self._opening.cancel()

    def _grow(self) -> None:
        self._growing = None
        if self._taking() < MOST_LINES:
            self._open()

    def _open(self) -> None:
        if self._opening is None:
            self._opening = asyncio.create_task(self._add_line())

    async def _add_line(self) -> None:
        line = Line(self, self._idle_seconds)
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                await self._dial(line)
            self._lines.append(line)
        except TimeoutError:
            self._fail(ConnectFailed(f"{self._host}: {LATE}"))
        except HttpError as error:
            self._fail(error)
        finally:
            self._opening = None
            self.changed()

    def _fail(self, error: HttpError) -> None:
        """No line came about; where there are others, they will do."""
        if not self._taking():
            self._refuse(error)

    def _refuse(self, error: HttpError) -> None:
        while self._waiting:
            self._waiting.popleft().fail(type(error)(*error.args))

    def _give_up(self, exchange: Exchange, *, late: bool) -> None:
        if exchange in self._waiting:
            self._waiting.remove(exchange)
        for line in self._lines:
            line.give_up(exchange, late=late)
        self.changed()

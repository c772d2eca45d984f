"""A mail server on a free port that can refuse, stall or cut the line at every step.

    with SmtpStandIn() as server:
        server.script(Step.RCPT, "550 5.1.1 no such user")
        ...
        assert server.messages == []

It runs in a thread of its own; scripts and records may be used from any thread.
"""

# The names of commands are the library's.
# ruff: noqa: N802

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Final, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Step(StrEnum):
    """Where a script can step in."""

    CONNECT = "CONNECT"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "CONTENT"
    """After 354, before any of the content is read."""
    END = "END"
    """The end of the content was read."""
    RSET = "RSET"
    NOOP = "NOOP"
    QUIT = "QUIT"


class Do(StrEnum):
    """What a script can do instead of an answer."""

    AS_USUAL = "as usual"
    STALL = "stall until released"
    CUT = "cut the line"


Action = Do | str
"""What to do, or the answer to give: code and text, or any nonsense."""


@dataclass(frozen=True)
class Mail:
    """One message whose end was read."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)

    @property
    def parsed(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


class SmtpStandIn:
    """A mail server that does what the test says.

    Attributes:
        messages: Accepted mail.
        arrived: All mail whose end was read, whatever the answer.
        steps: Every step that was reached, in order.
        connections: How often somebody connected.
    """

    host: Final = "127.0.0.1"

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        utf8: bool = True,
    ) -> None:
        self.messages: list[Mail] = []
        self.arrived: list[Mail] = []
        self.steps: list[Step] = []
        self.connections = 0
        self._login = login
        self._once: defaultdict[Step, deque[Action]] = defaultdict(deque)
        self._always: dict[Step, Action] = {}
        self._changed = threading.Condition()
        self._controller = _Controller(
            self, starttls=starttls, ssl_context=tls, enable_SMTPUTF8=utf8
        )

    @property
    def port(self) -> int:
        return self._controller.port

    def script(self, step: Step, *actions: Action) -> None:
        """What to do the next times ``step`` is reached, once each."""
        self._once[step].extend(actions)

    def always(self, step: Step, action: Action) -> None:
        """What to do whenever ``step`` is reached and no script is left."""
        self._always[step] = action

    def release(self) -> None:
        """Lets everything go on that stalls."""
        self._controller.loop.call_soon_threadsafe(self._controller.released.set)

    def wait_for(self, step: Step, times: int = 1, timeout: float = 10) -> None:
        """Blocks until ``step`` was reached so often; never call it from a running loop."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.steps.count(step) >= times, timeout)

    def hang_up(self) -> None:
        """Cuts every open connection."""
        self._controller.hang_up()

    def __enter__(self) -> Self:
        self._controller.start()
        # The controller connects once to see that it is there.
        self._controller.hang_up()
        self.connections = 0
        self.steps.clear()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._controller.hang_up()
        self._controller.stop()

    def reached(self, step: Step) -> Action:
        with self._changed:
            self.steps.append(step)
            self._changed.notify_all()
        if self._once[step]:
            return self._once[step].popleft()
        return self._always.get(step, Do.AS_USUAL)

    async def handle_DATA(self, server: _Server, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        mail = Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        self.arrived.append(mail)
        answer = await server.act(Step.END) or f"250 2.0.0 queued as {len(self.arrived)}"
        if answer.startswith("2"):
            self.messages.append(mail)
        return answer

    def knows(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        given = data if isinstance(data, LoginPassword) else None
        pair = given and (given.login.decode(), given.password.decode())
        return AuthResult(success=pair == self._login, handled=False)


class _Server(SMTP):
    """One connection."""

    def __init__(self, standin: SmtpStandIn, released: asyncio.Event, **options: Any) -> None:
        super().__init__(standin, authenticator=standin.knows, auth_require_tls=False, **options)
        self._standin = standin
        self._released = released
        self._greeted = False

    async def act(self, step: Step) -> str | None:
        """The scripted answer, or None for the usual one."""
        action = self._standin.reached(step)
        if action is Do.CUT:
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.abort()
            # The loss of the connection ends this task.
            await asyncio.Event().wait()
        if action is Do.STALL:
            await self._released.wait()
        return None if isinstance(action, Do) else action

    async def push(self, status: str | bytes) -> None:
        if not self._greeted:
            self._greeted = True
            self._standin.connections += 1
            status = await self.act(Step.CONNECT) or status
        await super().push(status if isinstance(status, str) else status.decode())
        if str(status).startswith("354 "):
            await self.act(Step.CONTENT)

    async def _or(self, step: Step, usual: Any, arg: str | None) -> None:
        answer = await self.act(step)
        await (usual(arg) if answer is None else self.push(answer))

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._or(Step.EHLO, super().smtp_EHLO, hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        await self._or(Step.STARTTLS, super().smtp_STARTTLS, arg)

    async def smtp_AUTH(self, arg: str) -> None:
        await self._or(Step.AUTH, super().smtp_AUTH, arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        await self._or(Step.MAIL, super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._or(Step.RCPT, super().smtp_RCPT, arg)

    async def smtp_RSET(self, arg: str) -> None:
        await self._or(Step.RSET, super().smtp_RSET, arg)

    async def smtp_NOOP(self, arg: str) -> None:
        await self._or(Step.NOOP, super().smtp_NOOP, arg)

    async def smtp_QUIT(self, arg: str) -> None:
        await self._or(Step.QUIT, super().smtp_QUIT, arg)

    async def smtp_DATA(self, arg: str) -> None:
        await self._or(Step.DATA, super().smtp_DATA, arg)


class _Controller(Controller):
    def __init__(
        self, standin: SmtpStandIn, *, starttls: ssl.SSLContext | None, **options: Any
    ) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            standin, hostname=standin.host, port=0, server_hostname="mail.test", **options
        )
        self._standin = standin
        self._starttls = starttls
        self._open: list[_Server] = []
        self.released = asyncio.Event()

    def factory(self) -> SMTP:
        server = _Server(
            self._standin, self.released, tls_context=self._starttls, **self.SMTP_kwargs
        )
        self._open.append(server)
        return server

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def hang_up(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(10)

    async def _hang_up(self) -> None:
        for server in self._open:
            if isinstance(server.transport, asyncio.Transport):
                server.transport.abort()
        self._open.clear()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        await asyncio.wait(others, timeout=10) if others else None

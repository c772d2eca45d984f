"""A way through an HTTP proxy (CONNECT; RFC 9110, section 9.3.6)."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from base64 import b64encode
from http import HTTPStatus

from yarl import URL

from inbox_app.lib.http import ConnectFailed

LONGEST_HEAD = 64 * 1024
END = b"\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] ([1-9]\d\d)\b")


class _Asking(asyncio.Protocol):
    """Waits for the head of the proxy's answer; behind it nothing comes unasked."""

    def __init__(self) -> None:
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if END in self._heard or len(self._heard) > LONGEST_HEAD:
            self._tell(self._heard)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tell(b"")

    def _tell(self, head: bytes) -> None:
        if not self.head.done():
            self.head.set_result(head)


async def open_tunnel(sock: socket.socket, proxy: URL, host: str, port: int) -> asyncio.Transport:
    """Has the proxy at the other end of ``sock`` lead to ``host``.

    Raises:
        ConnectFailed: it does not.
        OSError: the line to it broke.
    """
    asking = _Asking()
    secure = proxy.scheme == "https"
    transport, _ = await asyncio.get_running_loop().create_connection(
        lambda: asking,
        sock=sock,
        ssl=ssl.create_default_context() if secure else None,
        server_hostname=proxy.host if secure else None,
    )
    try:
        transport.write(_request(proxy, host, port))
        _check(await asking.head, host)
    except BaseException:
        transport.abort()
        raise
    return transport


def _request(proxy: URL, host: str, port: int) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.user:
        credentials = b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {credentials}")
    return "\r\n".join([*lines, "", ""]).encode()


def _check(head: bytes, host: str) -> None:
    if not head:
        raise ConnectionResetError
    status = STATUS.match(head)
    if status is None:
        raise ConnectFailed(f"{host}: the proxy's answer made no sense")
    if not HTTPStatus.OK <= int(status[1]) < HTTPStatus.MULTIPLE_CHOICES:
        raise ConnectFailed(f"{host}: the proxy refused the connection with {int(status[1])}")

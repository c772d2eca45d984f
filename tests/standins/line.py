"""The line between a browser and the server: a proxy that can be cut and mended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

CHUNK = 64 * 1024


class Line:
    """An HTTP proxy for one browser context, which also tunnels websockets.

    with Line() as line:
        context = browser.new_context(proxy=line.proxy)
        line.cut()
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._open: set[asyncio.StreamWriter] = set()
        self._whole = True
        self._port = 0

    @property
    def proxy(self) -> dict[str, str]:
        """What a browser context is to be made with; a browser spares its own machine else."""
        return {"server": f"http://127.0.0.1:{self._port}", "bypass": "<-loopback>"}

    def cut(self) -> None:
        """Ends every connection at once, and lets no new one through."""
        self._run(self._cut())

    def mend(self) -> None:
        self._whole = True

    def __enter__(self) -> Self:
        self._thread.start()
        self._port = self._run(self._listen())
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, int]) -> int:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _cut(self) -> int:
        self._whole = False
        for writer in self._open:
            writer.transport.abort()
        return len(self._open)

    async def _close(self) -> int:
        self._server.close()
        await self._cut()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if self._whole:
                await self._through(reader, writer)
        writer.transport.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b" ", 2)
        there = target if method == b"CONNECT" else target.split(b"/")[2]
        host, _, port = there.decode().rpartition(":")
        far_reader, far = await asyncio.open_connection(host, int(port))
        self._open |= {writer, far}
        try:
            if method == b"CONNECT":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                far.write(head)
            await self._both_ways((reader, writer), (far_reader, far))
        finally:
            far.transport.abort()
            self._open -= {writer, far}

    async def _both_ways(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        ways = {
            asyncio.ensure_future(_pour(near[0], far[1])),
            asyncio.ensure_future(_pour(far[0], near[1])),
        }
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()

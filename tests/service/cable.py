"""A cable to a server that can be pulled: a relay whose connections are cut without a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from tests.servers import Parley


class Cable:
    """Passes connections on to a server."""

    def __init__(self, server: Parley) -> None:
        self._target = urlsplit(server.url)
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""
        self.ws_url = ""
        self.carried = 0
        """How many bytes have passed."""

    def pull(self) -> int:
        """Cuts every connection, in the midst of whatever it carries; gives how many there were."""
        cut = len(self._writers) // 2
        for writer in list(self._writers):
            writer.transport.abort()
        return cut

    @asynccontextmanager
    async def plugged(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        self.url, self.ws_url = f"http://{address}", f"ws://{address}"
        try:
            yield
        finally:
            server.close()
            self.pull()
            while self._writers:
                await asyncio.sleep(0.001)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        ends = {writer, onward_writer}
        self._writers |= ends
        await asyncio.gather(self._carry(reader, onward_writer), self._carry(onward_reader, writer))
        self._writers -= ends

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                self.carried += len(data)
                await writer.drain()
        writer.transport.abort()

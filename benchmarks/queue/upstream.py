"""An upstream that takes every identify update at once: `python -m benchmarks.queue.upstream PORTS`, comma-separated.

One process, as little Python as possible. `GET /` tells how many updates came, and of how many messageIds.
"""

import asyncio
import json
import re
import sys

TAKEN = b'{"success":true,"eventId":"01890000-0000-7000-8000-000000000000"}'
_message_id = re.compile(rb'"messageId":\s*"([^"]+)"')
_length = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
taken: list[bytes] = []


class Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, _, body = self.buffer.partition(b"\r\n\r\n")
        length = _length.search(head)
        if b"\r\n\r\n" not in self.buffer or len(body) < int(length[1] if length else 0):
            return
        self.buffer = b""
        if head.startswith(b"GET"):
            self.answer(json.dumps({"updates": len(taken), "different": len(set(taken))}).encode())
        else:
            found = _message_id.search(body)
            taken.append(found[1] if found else b"")
            self.answer(TAKEN)

    def answer(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(ports: list[int]) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Connection, "127.0.0.1", port) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve([int(port) for port in sys.argv[1].split(",")]))

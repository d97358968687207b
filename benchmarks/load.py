"""The load tool: wrk where it is on the PATH, else one of our own, `python -m benchmarks.load`, with a job as JSON on
standard input: raw sockets and as little Python as possible.

Each tells its share of a core; a run in which that is near 1 has measured the tool.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks import wrk
from benchmarks.job import NEW, Job, Result, new_of_this_run


def run(job: Job) -> Result:
    """Do the job in another process."""
    return wrk.run(job) if shutil.which("wrk") else _run_our_own(job)


def _run_our_own(job: Job) -> Result:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=Path(__file__).resolve().parent.parent,
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Result(**json.loads(done.stdout))


class Connection(asyncio.Protocol):
    def __init__(
        self, requests: list[list[bytes]], news: Iterator[bytes], ends_at: float, ended: asyncio.Future[None]
    ) -> None:
        self.requests, self.news, self.ends_at, self.ended = requests, news, ends_at, ended
        self.turn = 0
        self.took: list[float] = []
        self.refused = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.asked_at = time.perf_counter()
        self.turn += 1
        self.transport.write(next(self.news).join(self.requests[self.turn % len(self.requests)]))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_whole():
            return
        now = time.perf_counter()
        self.took.append(now - self.asked_at)
        self.refused += b" 200 " not in self.buffer[:16]
        self.buffer = b""
        if now < self.ends_at:
            self.ask()
        else:
            self.transport.close()

    def is_whole(self) -> bool:
        """Whether the answer has arrived: by its length, or by its last chunk."""
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return False
        lines = self.buffer[:head].lower()
        at = lines.find(b"content-length:")
        if at < 0:
            return self.buffer.endswith(b"0\r\n\r\n")
        length = int(lines[at + 15 : at + 27].split(b"\r\n")[0])
        return len(self.buffer) >= head + 4 + length

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _itself(connection: Connection) -> Connection:
    return connection


def _requests(job: Job) -> list[list[bytes]]:
    """Each request, cut where something new belongs, of a length that is known before it is."""
    head = f"POST {job.path} HTTP/1.1\r\nhost: portal\r\nauth-token: {job.token}\r\ncontent-type: application/json\r\n"
    requests = []
    for parts in job.parts():
        length = len(("-" * 24).join(parts).encode())
        whole = f"{head}content-length: {length}\r\n\r\n{NEW.join(parts)}"
        requests.append([part.encode() for part in whole.split(NEW)])
    return requests


def _news() -> Iterator[bytes]:
    start = new_of_this_run()
    return (f"{start}{number:010d}".encode() for number in count())


async def _work(job: Job) -> Result:
    loop, requests, news = asyncio.get_running_loop(), _requests(job), _news()
    began, cpu = time.perf_counter(), time.process_time()
    made: list[Connection] = []
    for number in range(job.connections):
        mine = requests[number % len(requests) :] + requests[: number % len(requests)]
        connection = Connection(mine, news, began + job.seconds, loop.create_future())
        await loop.create_connection(partial(_itself, connection), "127.0.0.1", job.port)
        made.append(connection)
    await asyncio.gather(*(connection.ended for connection in made))
    wall = time.perf_counter() - began
    took = sorted(time for connection in made for time in connection.took)
    return Result(
        per_second=round(len(took) / wall, 1),
        answered=len(took),
        refused=sum(connection.refused for connection in made),
        p50_ms=round(1000 * took[len(took) // 2], 2),
        p99_ms=round(1000 * took[int(len(took) * 0.99)], 2),
        tool_cpu=round((time.process_time() - cpu) / wall, 2),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_work(Job(**json.loads(sys.stdin.read())))))))

"""One kept connection to each web process of a portal, so that a test can say which process it speaks to."""

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.portal import Portal
from tests.processes.family import descendants
from tests.waiting import until

PROC = Path("/proc")


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    retry_after: str | None


class Line:
    """A connection to the web process `pid`."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.connection = HTTPConnection("127.0.0.1", portal.port, timeout=20)
        self.connection.request("GET", "/healthz")
        self.connection.getresponse().read()
        self.pid = _owner(portal, self.connection.sock.getsockname()[1])

    def track(self, token: str, body: dict[str, Any], action: str = "track") -> Answer:
        """A call to the tracking API."""
        return self.ask("POST", self._path(action), {"auth-token": token}, body)

    def sdk(self, token: str, body: dict[str, Any]) -> Answer:
        """A call as one of Segment's SDKs makes it."""
        basic = b64encode(f"{token}:".encode()).decode()
        return self.ask("POST", "/v1/track", {"authorization": f"Basic {basic}"}, body)

    def status(self, token: str, event_id: str) -> Answer:
        return self.ask("GET", self._path(f"events/{event_id}"), {"auth-token": token})

    def api(self, token: str, method: str, path: str, body: Any = None) -> Answer:
        return self.ask(method, f"/api/v1/{path}", {"authorization": f"Bearer {token}"}, body)

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Answer:
        content = None if body is None else json.dumps(body)
        self.connection.request(method, path, content, {"content-type": "application/json", **headers})
        answer = self.connection.getresponse()
        return Answer(answer.status, json.loads(answer.read()), answer.getheader("retry-after"))

    def _path(self, action: str) -> str:
        return f"/track/{self._portal.brand}/v1/{action}"


def line_to_each(portal: Portal, processes: int) -> list[Line]:
    """A line to each of the web processes, which are so many."""
    lines: dict[int, Line] = {}

    def found_all() -> bool:
        line = Line(portal)
        if lines.setdefault(line.pid, line) is not line:
            line.connection.close()
        return len(lines) == processes

    until(found_all, 30, f"a connection to each of {processes} web processes")
    return list(lines.values())


def _owner(portal: Portal, port: int) -> int:
    """The process at the other end of the connection from this port of ours, as /proc tells."""
    ends = (f":{portal.port:04X}", f":{port:04X}")
    rows = [row.split() for row in (PROC / "net" / "tcp").read_text().splitlines()[1:]]
    socket = next(f"socket:[{row[9]}]" for row in rows if (row[1][-5:], row[2][-5:]) == ends)
    return next(process.pid for process in descendants(portal.process.pid) if _holds(process.pid, socket))


def _holds(pid: int, socket: str) -> bool:
    for file in (PROC / str(pid) / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if str(file.readlink()) == socket:
                return True
    return False

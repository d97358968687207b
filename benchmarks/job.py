"""What a load tool is asked for, and what it found."""

import time
from dataclasses import dataclass

NEW = "~new~"
"""Stands in a body for 24 letters and digits that are others in every request."""


@dataclass(frozen=True)
class Job:
    """`bodies` are sent in turn by each connection, one request at a time. `threads`: of the load tool, where it has
    such."""

    port: int
    path: str
    token: str
    bodies: list[str]
    connections: int = 64
    seconds: float = 3.0
    threads: int = 1

    def parts(self) -> list[list[str]]:
        """Each body, cut where something new belongs."""
        return [body.split(NEW) for body in self.bodies]


def new_of_this_run() -> str:
    """What is new begins with these 14 letters and digits; ten digits follow, which number thread and request."""
    return f"{time.time_ns() // 1000:x}n"


@dataclass(frozen=True)
class Result:
    """`tool_cpu`: the share of a core that the load tool took."""

    per_second: float
    answered: int
    refused: int
    p50_ms: float
    p99_ms: float
    tool_cpu: float

"""What a load tool is asked for, and what it found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """`bodies` are sent in turn by each connection, one request at a time."""

    port: int
    path: str
    token: str
    bodies: list[str]
    connections: int = 64
    seconds: float = 3.0


@dataclass(frozen=True)
class Result:
    """`tool_cpu`: the share of a core that the load tool took."""

    per_second: float
    answered: int
    refused: int
    p50_ms: float
    p99_ms: float
    tool_cpu: float

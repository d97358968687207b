"""The table that `make faults` ends with: each fault on each engine, how often, what was wrong, how long it took."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import pytest

PROPERTY = "fault"


@dataclass
class Cell:
    """`runs`: regulations judged; `seconds`: from the last fault to the end of each."""

    runs: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, figures: dict[str, Any], failed: bool) -> None:
        self.runs += len(figures["seconds"])
        self.wrong += figures["violations"] or failed
        self.seconds += figures["seconds"]


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Lines of Markdown; none when no fault was injected."""
    rows: dict[str, dict[str, Cell]] = {}
    for report in reports:
        for figures in (value for name, value in report.user_properties if name == PROPERTY):
            row = rows.setdefault(figures["name"], {})
            row.setdefault(figures["engine"], Cell()).add(figures, report.failed)
    if not rows:
        return []
    engines = sorted({engine for row in rows.values() for engine in row})
    head = ["fault", *engines, "recovery p50", "max"]
    total = {engine: _sum(row[engine] for row in rows.values() if engine in row) for engine in engines}
    body = [*sorted(rows.items()), ("**all**", total)]
    return [_line(head), _line(["---"] * len(head)), *(_row(name, row, engines) for name, row in body)]


def _row(name: str, row: dict[str, Cell], engines: list[str]) -> str:
    cells = [f"{row[engine].runs} runs, {row[engine].wrong} wrong" if engine in row else "–" for engine in engines]
    seconds = _sum(row.values()).seconds
    times = [f"{median(seconds):.1f} s", f"{max(seconds):.1f} s"] if seconds else ["–", "–"]
    return _line([name, *cells, *times])


def _sum(cells: Iterable[Cell]) -> Cell:
    total = Cell()
    for cell in cells:
        total = Cell(total.runs + cell.runs, total.wrong + cell.wrong, total.seconds + cell.seconds)
    return total


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"

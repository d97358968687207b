"""The doors of the tracking tests, and the count at the end of a run."""

import pytest

from tests.fuzz.counting import sent, taken
from tests.tracking.conftest import brand, door

__all__ = ["brand", "door"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if sent:
        for name, number in sent.items():
            terminalreporter.write_line(f"fuzz: {name}: {number:,} inputs, {taken[name]:,} taken")
        terminalreporter.write_line(f"fuzz: {sum(sent.values()):,} inputs, {sum(taken.values()):,} taken")

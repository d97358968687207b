"""Portals that are killed, the judge of what is left, and the table at the end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.figures import PROPERTY, table
from tests.faults.stage import Stage, staged
from tests.faults.trial import Trial

Judge = Callable[[str, Trial], None]


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A portal on the engine that the test names, for all its faults; each leaves it whole."""
    with staged(request.param, tmp_path_factory.mktemp("stage")) as ready:
        yield ready
        assert ready.portal.manage("verify_audit").returncode == 0


@pytest.fixture
def judge(stage: Stage, record_property: Callable[[str, object], None]) -> Judge:
    """Waits for the end of a trial under a fault of this name, and judges it."""

    def judge(name: str, trial: Trial) -> None:
        figures: dict[str, Any] = {"name": name, "engine": stage.engine, "violations": 0, "seconds": []}
        record_property(PROPERTY, figures)
        trial.end()
        figures["seconds"] = [case.recovery for case in trial.cases]
        wrong = trial.judge()
        figures["violations"] = len(wrong)
        assert wrong == [], stage.portal.output[-4000:]

    return judge


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    for line in table(report for report in reports if report.when == "call"):
        terminalreporter.write_line(line)

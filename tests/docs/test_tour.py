"""The five-minute tour, run from the README's own text against the running product."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import tour
from tests.docs.code import ROOT
from tests.portal import Portal


def test_the_tour_shows_every_part_of_the_job() -> None:
    steps = tour.steps()
    assert len(steps) >= 9
    assert sum(bool(step.shown) for step in steps) >= 8
    typed = "".join(step.typed for step in steps)
    for word in ("identify", "events/$event/", "consents/", "no_track", "access", "suppress_and_delete", "export/"):
        assert word in typed


def test_it_names_every_variable_that_the_reader_must_set() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    exported = set(re.findall(r"^export (\w+)=", text, re.MULTILINE))
    used = set(re.findall(r"\$\{?([A-Z_]{2,})", "".join(step.typed for step in tour.steps())))
    assert used == exported


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_each_step_ends_as_the_readme_says(portal: Portal, tmp_path: Path) -> None:
    given = {"PORTAL": portal.url, "SERVER_TOKEN": portal.server_token, "API_TOKEN": portal.api_token}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # of `python3`, which a machine may call otherwise
    ran = subprocess.run(
        ["bash", "-c", tour.script()],
        cwd=tmp_path,
        env={**os.environ, **given, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    output = ran.stdout
    for number, step in enumerate(tour.steps()):
        came, marker, output = output.partition(tour.END_OF_STEP.format(number))
        assert marker, f"step {number} did not end: {step.typed}\n{came}\n{ran.stderr}"
        assert step.is_what_came(came), f"step {number}: {step.typed}\nsaid:\n{came}\nnot:\n{step.shown}\n{ran.stderr}"
    assert ran.stderr == ""


@pytest.mark.parametrize(("shown", "came"), [("a …", "b c"), ("a", "a\nb"), ("a\nb", "a"), ("…", "a\nb")])
def test_the_comparison_is_not_blind(shown: str, came: str) -> None:
    assert not tour.TourStep("", shown).is_what_came(came)

"""Commands run as the command line runs them, with what they print."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from privacy_portal.brands.models import Brand
from tests.factories.brands import make_brand


@dataclass(frozen=True)
class Ran:
    """`error` is the sentence of a command that failed."""

    out: str
    error: str = ""


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("create_brand", "acme", "acme", "ACME", stdin="…")`."""

    def run(*line: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        out = io.StringIO()
        try:
            call_command(*line, stdout=out, stderr=io.StringIO())
        except CommandError as error:
            return Ran(out.getvalue(), str(error))
        return Ran(out.getvalue())

    return run


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand()

"""The log says of an error of what type it is and where it happened, and never its words."""

import asyncio
import io
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.log import log_response

from privacy_portal.environment import BadSetting
from privacy_portal.processes.routing import Routing
from privacy_portal.processes.site import BrokenOff

WORDS = "maria@example.com"
ROOT = Path(__file__).resolve().parent.parent
logger = logging.getLogger("tests.log")


def broken() -> None:
    try:
        raise KeyError(WORDS)
    except KeyError as cause:
        error = ValueError(WORDS)
        error.add_note(WORDS)
        raise error from cause


def caught() -> Exception:
    try:
        broken()
    except ValueError as error:
        return error
    raise AssertionError


def test_an_error_is_told_by_type_and_place_with_what_it_came_of(log: io.StringIO) -> None:
    logger.error("test.failed id=%s", 7, exc_info=caught())
    told = log.getvalue()
    assert WORDS not in told
    assert "test.failed id=7\nTraceback" in told
    assert told.index("\nKeyError\n") < told.index("\nValueError\n")
    assert told.count(f'File "{__file__}"') == 3
    assert "in broken\n    raise KeyError(WORDS)" in told


def test_what_an_error_gathers_is_told_likewise(log: io.StringIO) -> None:
    logger.error("test.failed", exc_info=ExceptionGroup(WORDS, [caught(), OSError(WORDS)]))
    assert WORDS not in log.getvalue()
    assert all(f"\n{name}\n" in log.getvalue() for name in ("KeyError", "ValueError", "OSError", "ExceptionGroup"))


@pytest.mark.parametrize("status", [400, 503])
def test_of_a_request_neither_its_path_nor_a_page_that_it_came_from_is_told(log: io.StringIO, status: int) -> None:
    request = RequestFactory().get(f"/nowhere/{WORDS}/")
    response = HttpResponse(status=status)
    reason = f"Referer checking failed - https://shop.example.com/of/{WORDS}?x={WORDS} does not match"
    log_response("Forbidden (%s): %s", reason, request.path, response=response, request=request)
    assert log.getvalue().endswith(
        "Forbidden (Referer checking failed - https://shop.example.com does not match): [no address]\n"
    )


def test_an_error_that_comes_of_itself_ends(log: io.StringIO) -> None:
    error = caught()
    assert error.__cause__
    error.__cause__.__cause__ = error
    logger.error("test.failed", exc_info=error)
    assert log.getvalue().count("\nValueError\n") == 1


def test_words_that_another_handler_has_left_in_the_record_are_not_taken(log: io.StringIO) -> None:
    error = caught()
    record = logging.LogRecord("tests", logging.ERROR, "", 0, "test.failed", (), (type(error), error, None))
    assert WORDS in logging.Formatter().format(record)
    assert record.exc_text
    logging.getLogger().handle(record)
    assert WORDS not in log.getvalue()


@pytest.mark.parametrize("args", [({"exc": caught(), "id": 1},), (caught(), 1)])
def test_other_peoples_messages_lose_the_errors_words(log: io.StringIO, args: tuple) -> None:
    text = "task %(id)s: %(exc)s" if len(args) == 1 else "%s: task %s"
    logging.getLogger("celery.x").error(text, *args, exc_info=caught())
    assert WORDS not in log.getvalue()
    assert "ValueError" in log.getvalue().splitlines()[0]


def test_a_task_that_nobody_awaited_is_told_without_its_words(log: io.StringIO) -> None:
    async def fail() -> None:
        broken()

    async def forget() -> None:
        await asyncio.wait([asyncio.create_task(fail())])

    asyncio.run(forget())
    assert "Task exception was never retrieved\nTraceback" in log.getvalue()
    assert WORDS not in log.getvalue()


@pytest.mark.parametrize(
    "error",
    [OperationalError("10.0.0.1 refused"), BadSetting("DATABASE_URL", "10.0.0.1"), PermissionDenied("10.0.0.1")],
)
def test_what_an_operator_must_see_to_is_one_line_with_its_place(log: io.StringIO, error: BaseException) -> None:
    try:
        raise error
    except (OperationalError, BadSetting, PermissionDenied):
        logger.error("test.failed", exc_info=error)
    (line,) = log.getvalue().splitlines()
    assert f"test.failed at={__name__}:" in line
    assert "10.0.0.1" not in line


@pytest.mark.django_db
def test_its_place_is_named_by_our_own_lines(log: io.StringIO) -> None:
    from privacy_portal.durable.models import Heartbeat

    def away(*_: object) -> None:
        raise OperationalError(WORDS)

    with connection.execute_wrapper(away), pytest.raises(OperationalError) as caught:
        Heartbeat.fell_back("sweep")
    logger.error("test.failed", exc_info=caught.value)
    assert "test.failed at=privacy_portal.durable.models:" in log.getvalue()
    assert len(log.getvalue().splitlines()) == 1


def test_the_web_server_is_told_of_a_fault_without_its_words(log: io.StringIO) -> None:
    async def send(_: object) -> None:
        raise ValueError(WORDS)

    async def ask() -> None:
        with pytest.raises(BrokenOff) as told:
            await Routing()({"type": "http", "path": "/", "method": "GET"}, send, send)
        assert told.value.__suppress_context__

    asyncio.run(ask())
    assert "web.fault error=ValueError\nTraceback" in log.getvalue()
    assert WORDS not in log.getvalue()


@pytest.mark.parametrize(
    "started",
    [
        "from granian.log import configure_logging as log, LogLevels; log(LogLevels.warning); django.setup()",
        "from privacy_portal.celery import app; app.log.setup('WARNING'); app.log.get_default_logger()",
        "from privacy_portal.celery import app; django.setup(); app.log.setup('WARNING')",
        "django.setup()",
    ],
)
def test_every_process_has_one_handler_for_all_loggers(started: str) -> None:
    asked = f"""
import django, logging
{started}
loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values(), logging.getLogger("_granian")]
kinds = [(type(h).__name__, type(h.formatter).__name__) for log in loggers for h in getattr(log, "handlers", ())]
print({{kind for kind in kinds if kind[0] != "NullHandler"}}, all(getattr(log, "propagate", True) for log in loggers))
"""
    ran = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout == "{('StreamHandler', 'WithoutText')} True\n"

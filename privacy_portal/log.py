"""How an error stands in the log: of what type it is and where it happened, never in its own words, which may quote a
person: what was typed, or the whole row that a database refused. And how a request does: by which of our addresses it
is for, never by what stood in it."""

import copy
import logging
import re
import traceback
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from privacy_portal.environment import BadSetting
from privacy_portal.outage import is_outage
from privacy_portal.reporting import OURS

PLACES = 3
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_PAGE = re.compile(r"(https?://[^/?#\s]+)\S*")


class WithoutText(logging.Formatter):
    """For all handlers. An error follows its line as frames and types, causes first. Of one that comes with a database
    that is away or busy, or with a wrong setting, the line itself says `at=` where: that happens many times a second.
    So it does where someone asked for what they may not have: nothing went wrong there.

    Of a message of many lines only the first is shown: in the others, servers print an error in its own words.
    """

    def format(self, record: logging.LogRecord) -> str:
        """A copy is formatted: whatever else handles the record may have left the error's words in it."""
        record = copy.copy(record)
        record.exc_text = None
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            record.exc_info = None
            return super().format(record)
        record.args = _types_alone(record.args)
        if is_outage(error) or isinstance(error, BadSetting | PermissionDenied):
            record.exc_info = None
            return f"{super().format(record)} at={place(error)}"
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging calls
        record.message = record.message.strip().partition("\n")[0]
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that logging calls
        return "\n".join(_block(error) for error in _chain(ei[1]))


class WithoutPaths(logging.Filter):
    """For handlers: where Django tells of a request by its path, which it always does at the end, the route stands
    instead, `/p/[token]/`; and of the page that one came from only whose it is. Anything may be in a path."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple) and record.args:
            about = (_PAGE.sub(r"\1", str(arg)) for arg in record.args[:-1])
            record.args = (*about, _route(request))
        return True


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return "/" + _PARAMETER.sub(r"[\1]", match.route) if match else "[no address]"


def place(error: BaseException) -> str:
    """The last few of our own lines that it came through, the innermost first, or the line of somebody else's."""
    lines = [f"{frame.f_globals.get('__name__')}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [line for line in lines if line.partition(":")[0].partition(".")[0] in OURS]
    return "<".join((ours or lines[-1:])[: -PLACES - 1 : -1])


def _chain(error: BaseException) -> list[BaseException]:
    """It, and before it what it came of or was gathered from."""
    found: dict[int, BaseException] = {}
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one
            before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
            waiting += [*getattr(one, "exceptions", ()), *([before] if before else [])]
    return list(found.values())[::-1]


def _block(error: BaseException) -> str:
    """As Python prints it, without the text and the notes."""
    return f"Traceback (most recent call last):\n{''.join(traceback.format_tb(error.__traceback__))}{_name(error)}"


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _types_alone(args: Any) -> Any:
    """Other people's messages name the error that they tell of."""
    if isinstance(args, Mapping):
        return {name: _name(arg) if isinstance(arg, BaseException) else arg for name, arg in args.items()}
    return tuple(_name(arg) if isinstance(arg, BaseException) else arg for arg in args or ())

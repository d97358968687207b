"""JSON as text: checked strictly, and changed only where the contract says so (T6).

The text received is what is stored. msgspec checks UTF-8, surrogates and grammar; what it lets pass (very long
numbers, deep nesting) is checked here. Everything that rewrites works on the text, so values keep their spelling.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 100
MAX_DIGITS = 4300
_LONG_NUMBER = re.compile(rb"\d{309}")
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]', re.DOTALL)
_decode = msgspec.json.Decoder().decode


class BadJson(ValueError):
    """The message is the rule that the text breaks: "must …"."""


def read(text: bytes) -> Any:
    """The value of a JSON text; of duplicate keys the last. BadJson names the rule it breaks."""
    # Brackets inside strings only make this count too high, so what is below the limit needs no closer look.
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise BadJson(f"must not be nested deeper than {MAX_DEPTH}")
    try:
        value = _decode(text)
    except UnicodeDecodeError:
        raise BadJson("must be valid UTF-8") from None
    except msgspec.ValidationError:
        raise BadJson("must not hold numbers beyond double range") from None
    except msgspec.DecodeError:
        raise BadJson("must be valid JSON") from None
    if _LONG_NUMBER.search(text):
        _check_numbers(text)
    return value


def _depth(text: bytes) -> int:
    depth = deepest = 0
    for match in _STRUCTURE.finditer(text):
        mark = match[0]
        if mark in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif mark in (b"}", b"]"):
            depth -= 1
    return deepest


def _check_numbers(text: bytes) -> None:
    def check(number: str) -> float:
        if sum(map(str.isdigit, number)) > MAX_DIGITS:
            raise BadJson(f"must not hold numbers of more than {MAX_DIGITS} digits")
        if float(number) in (float("inf"), float("-inf")):
            raise BadJson("must not hold numbers beyond double range")
        return 0.0

    def constant(_: str) -> NoReturn:
        raise BadJson("must be valid JSON")

    json.loads(text, parse_int=check, parse_float=check, parse_constant=constant)


def members(text: bytes) -> Iterator[tuple[str, int, int, int]]:
    """The members of the object that `text` is, in order: (key, where it begins, where its value begins, ends)."""
    depth, key, begins, value = 0, "", 0, 0
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if depth == 1 and mark == b":":
            value = _skip_space(text, match.end())
        elif depth == 1 and not value and mark[:1] == b'"':
            key, begins = _decode(mark), match.start()
        elif depth == 1 and value and mark in (b",", b"}"):
            yield key, begins, value, _skip_space_back(text, match.start())
            value = 0
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1


def member(text: bytes, key: str) -> tuple[int, int] | None:
    """Where the value of `key` begins and ends in an object's text: of duplicates the last."""
    found = None
    for name, _, begins, ends in members(text):
        if name == key:
            found = (begins, ends)
    return found


def with_member(text: bytes, key: str, value: bytes) -> bytes:
    """The object's text with `key` set to `value`; nothing else is touched."""
    if place := member(text, key):
        return text[: place[0]] + value + text[place[1] :]
    start = text.index(b"{") + 1
    empty = text[_skip_space(text, start) : _skip_space(text, start) + 1] == b"}"
    return text[:start] + json.dumps(key).encode() + b":" + value + (b"" if empty else b",") + text[start:]


def merged(under: bytes, over: bytes) -> bytes:
    """Two objects' texts as one, deeply; `over` wins. Written anew, every value keeps its text."""
    result = dict(_values(under))
    for key, value in _values(over).items():
        held = result.get(key)
        both_objects = held is not None and held[:1] == b"{" and value[:1] == b"{"
        result[key] = merged(held, value) if both_objects and held is not None else value
    return written(result)


def written(values: dict[str, bytes]) -> bytes:
    return b"{" + b",".join(msgspec.json.encode(key) + b":" + value for key, value in values.items()) + b"}"


def _values(text: bytes) -> dict[str, bytes]:
    return {key: text[begins:ends] for key, _, begins, ends in members(text)}


def _skip_space(text: bytes, at: int) -> int:
    while text[at : at + 1] in (b" ", b"\t", b"\n", b"\r"):
        at += 1
    return at


def _skip_space_back(text: bytes, at: int) -> int:
    while text[at - 1 : at] in (b" ", b"\t", b"\n", b"\r"):
        at -= 1
    return at

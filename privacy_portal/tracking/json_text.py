"""JSON as text: checked strictly, and changed only where the contract says so (T6).

The text received is what is stored. msgspec checks UTF-8, surrogates and grammar; what it lets pass (very long
numbers, deep nesting) is checked here. Everything that rewrites works on the text, so values keep their spelling.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 100
MAX_DIGITS = 4300
DOUBLE_DIGITS = 308
TOO_DEEP = f"must not be nested deeper than {MAX_DEPTH}"
_LONG_NUMBER = re.compile(rb"\d{309}")
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'  # possessive: linear in time and constant in memory, however long
_STRINGS = re.compile(_STRING, re.DOTALL)
_TOKEN = re.compile(_STRING + rb"|[{}\[\],:]", re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_decode = msgspec.json.Decoder().decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


class BadJson(ValueError):
    """The message is the rule that the text breaks: "must …"."""


def read(text: bytes) -> Any:
    """The value of a JSON text; of duplicate keys the last. BadJson names the rule it breaks."""
    try:
        value = _decode(text)
    except RecursionError:
        raise BadJson(TOO_DEEP) from None
    except UnicodeDecodeError:
        raise BadJson("must be valid UTF-8") from None
    except msgspec.ValidationError:
        raise BadJson("must not hold numbers beyond double range") from None
    except msgspec.DecodeError:
        raise BadJson("must be valid JSON") from None
    # Brackets inside strings only make this count too high, so what is below the limit needs no closer look.
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and not _is_shallow(text):
        raise BadJson(TOO_DEEP)
    if len(text) > DOUBLE_DIGITS and _LONG_NUMBER.search(text):
        _check_numbers(text)
    return value


def _is_shallow(text: bytes) -> bool:
    """Whether nothing is left of a valid text's brackets after taking away the innermost pairs as often as allowed."""
    brackets = _STRINGS.sub(b"", text).translate(None, _NO_BRACKETS).replace(b"{", b"[").replace(b"}", b"]")
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return True
    return False


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


def with_changed(text: bytes, path: tuple[str, ...], change: Callable[[bytes], bytes]) -> bytes:
    """The text with `change` made to the value at `path`, at each one where a key is repeated; nothing else is touched.
    Where the path leads nowhere nothing is changed."""
    if not path:
        return change(text)
    parts, at = [], 0
    for key, _, begins, ends in members(text) if text[:1] == b"{" else ():
        if key == path[0]:
            parts += [text[at:begins], with_changed(text[begins:ends], path[1:], change)]
            at = ends
    return b"".join(parts) + text[at:]


def with_changed_items(text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """An array's text with `change` made to each item; what is no array stays as it is."""
    if text[:1] != b"[":
        return text
    parts, at = [], 0
    for raw in _decode_items(text):
        item = bytes(raw)
        begins = text.index(item, at)  # between items stand commas and spaces alone
        parts += [text[at:begins], change(item)]
        at = begins + len(item)
    return b"".join(parts) + text[at:]


def merged(under: bytes | dict[str, bytes], over: bytes) -> bytes:
    """Two objects as one, deeply; `over` wins. Written anew, every value keeps its text. `under` may be given as its
    `values`, so that what is merged under many is taken apart once."""
    result = values(under) if isinstance(under, bytes) else dict(under)
    for key, value in values(over).items():
        held = result.get(key, b"")
        result[key] = merged(held, value) if held[:1] == value[:1] == b"{" else value
    return written(result)


def written(members: dict[str, bytes]) -> bytes:
    return b"{" + b",".join(msgspec.json.encode(key) + b":" + value for key, value in members.items()) + b"}"


def values(text: bytes) -> dict[str, bytes]:
    """The text of each member's value by its key: of duplicates the last."""
    return {key: text[begins:ends] for key, _, begins, ends in members(text)}


def _skip_space(text: bytes, at: int) -> int:
    while text[at : at + 1] in (b" ", b"\t", b"\n", b"\r"):
        at += 1
    return at


def _skip_space_back(text: bytes, at: int) -> int:
    while text[at - 1 : at] in (b" ", b"\t", b"\n", b"\r"):
        at -= 1
    return at

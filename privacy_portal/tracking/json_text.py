"""JSON as text: checked strictly, and changed only where the contract says so (T6).

The text received is what is stored. msgspec checks UTF-8, surrogates and grammar; what it lets pass (very long
numbers, deep nesting) is checked here. Everything that rewrites works on the text, so values keep their spelling.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from math import isinf
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 100
MAX_DIGITS = 4300
DOUBLE_DIGITS = 308
TOO_DEEP = f"must not be nested deeper than {MAX_DEPTH}"
_LONG_NUMBER = re.compile(rb"\d{309}")
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'  # possessive: linear in time and constant in memory, however long
_TOKEN = re.compile(_STRING + rb"|[{}\[\],:]", re.DOTALL)
_USUAL_DEPTH = 8
_STEPS = bytes.maketrans(b"[]", b"\x01\xff")  # one deeper, one less
_NO_MARKS = bytes(set(range(256)) - set(b'{}[]"'))
_SAMPLED_DIGITS = re.compile(rb"\d{10}")
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
_decode = msgspec.json.Decoder().decode
_LARGE = 16 * 1024
values = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
"""The text of each member's value by its key, of an object's text: of duplicates the last."""
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


class BadJson(ValueError):
    """The message is the rule that the text breaks: "must …"."""


def _double(number: str) -> float:
    value = float(number)
    if isinf(value):
        raise ValueError(number)
    return value


_decode_large = msgspec.json.Decoder(float_hook=_double).decode


def decoded(text: bytes) -> Any:
    """The value of a text that was read before. msgspec takes 20 µs for a number near the ends of double range, where
    Python takes 0.3: a large text of nothing else would hold up everybody for seconds."""
    return _decode(text) if len(text) <= _LARGE else _decode_large(text)


def read(text: bytes) -> Any:
    """The value of a JSON text; of duplicate keys the last. BadJson names the rule it breaks."""
    try:
        value = decoded(text)
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
    # Of so many digits in a row every thirtieth byte meets ten, and few texts hold those.
    if len(text) > DOUBLE_DIGITS and _SAMPLED_DIGITS.search(text[::30]) and _LONG_NUMBER.search(text):
        _check_numbers(text)
    return value


def _is_shallow(text: bytes) -> bool:
    """Of a valid text. Taking away the innermost pairs makes it shallower by one, and most texts are done so most
    quickly; but it takes as long as they are deep, so what is left of a deep one is walked along once."""
    marks = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NO_MARKS)
    brackets = marks.replace(b'""', b"")
    if b'"' in brackets:  # strings that hold brackets
        brackets = b"".join(marks.split(b'"')[::2])
    brackets = brackets.replace(b"{", b"[").replace(b"}", b"]")
    for _ in range(_USUAL_DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return True
    depths = accumulate(memoryview(brackets.translate(_STEPS)).cast("b"))
    return _USUAL_DEPTH + max(depths) <= MAX_DEPTH


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
    value = values(text).get(key)
    if value is None:
        return None
    name = b'"%s"' % key.encode()
    # What is there only once is the member itself, unless that one is spelled with escapes.
    if key.isascii() and key.isalpha() and text.count(name) == 1 and not _ESCAPED_LETTER.search(text):
        colon = _skip_space(text, text.index(name) + len(name))
        begins = _skip_space(text, colon + 1)
        return begins, begins + len(memoryview(value))
    return [(begins, ends) for name, _, begins, ends in members(text) if name == key][-1]


def may_hold(text: bytes, key: str) -> bool:
    """False when no object in the text has a member of this name, which is of letters: told without taking it apart."""
    return b'"%s"' % key.encode() in text or _ESCAPED_LETTER.search(text) is not None


def with_member(text: bytes, key: str, value: bytes) -> bytes:
    """The object's text with `key` set to `value`; nothing else is touched."""
    if place := member(text, key):
        return text[: place[0]] + value + text[place[1] :]
    return with_first(text, key, value)


def with_first(text: bytes, key: str, value: bytes) -> bytes:
    """The object's text with one more member, which it does not have yet."""
    start = text.index(b"{") + 1
    empty = text[_skip_space(text, start) : _skip_space(text, start) + 1] == b"}"
    return text[:start] + msgspec.json.encode(key) + b":" + value + (b"" if empty else b",") + text[start:]


def with_changed(text: bytes, path: tuple[str, ...], change: Callable[[bytes], bytes]) -> bytes:
    """The text with `change` made to the value at `path`, at each one where a key is repeated; nothing else is touched.
    Where the path leads nowhere nothing is changed."""
    if not path:
        return change(text)
    parts, at = [], 0
    for key, _, begins, ends in members(text) if _first_mark(text) == b"{" else ():
        if key == path[0]:
            parts += [text[at:begins], with_changed(text[begins:ends], path[1:], change)]
            at = ends
    return b"".join(parts) + text[at:]


def with_changed_items(text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """An array's text with `change` made to each item; what is no array stays as it is."""
    if _first_mark(text) != b"[":
        return text
    parts, at = [], 0
    for raw in _decode_items(text):
        item = bytes(raw)
        begins = text.index(item, at)  # between items stand commas and spaces alone
        parts += [text[at:begins], change(item)]
        at = begins + len(item)
    return b"".join(parts) + text[at:]


def without_items(text: bytes, unwanted: Callable[[bytes], bool]) -> bytes:
    """An array's text without the items that are `unwanted`: written anew where there are any. What is no array stays
    as it is."""
    if _first_mark(text) != b"[":
        return text
    items = [bytes(raw) for raw in _decode_items(text)]
    kept = [item for item in items if not unwanted(item)]
    return text if len(kept) == len(items) else b"[%s]" % b",".join(kept)


def without_member(text: bytes, key: str) -> bytes:
    """The object's text without `key`, however often it is there: written anew, its other members keep their text."""
    kept = (text[begins:ends] for name, begins, _, ends in members(text) if name != key)
    return b"{" + b",".join(kept) + b"}"


def merged(under: bytes | dict[str, msgspec.Raw], over: bytes) -> bytes:
    """Two objects as one, deeply; `over` wins. Written anew, every value keeps its text. `under` may be given as its
    `values`, so that what is merged under many is taken apart once."""
    result = values(under) if isinstance(under, bytes) else under.copy()
    for key, value in values(over).items():
        held = result.get(key)
        if held is not None and _is_object(held) and _is_object(value):
            value = msgspec.Raw(merged(bytes(held), bytes(value)))
        result[key] = value
    return msgspec.json.encode(result)


def _is_object(value: msgspec.Raw) -> bool:
    return bytes(memoryview(value)[:1]) == b"{"


def written(members: dict[str, bytes]) -> bytes:
    return msgspec.json.encode({key: msgspec.Raw(value) for key, value in members.items()})


def _first_mark(text: bytes) -> bytes:
    """What a text begins with: a body is stored as it was received, and may have space before it."""
    begins = _skip_space(text, 0)
    return text[begins : begins + 1]


def _skip_space(text: bytes, at: int) -> int:
    while text[at : at + 1] in (b" ", b"\t", b"\n", b"\r"):
        at += 1
    return at


def _skip_space_back(text: bytes, at: int) -> int:
    while text[at - 1 : at] in (b" ", b"\t", b"\n", b"\r"):
        at -= 1
    return at

"""What is right, found without any of the product's code: Python's own json, asked strictly (contract T5, T6)."""

import json
from typing import Any

DEPTH, DIGITS = 100, 4300
SPACE = " \t\n\r"
_raw = json.JSONDecoder().raw_decode


class Bad(ValueError):
    """This text must be refused."""


class _Pairs(list[tuple[str, Any]]):
    """An object with all of its members, the ones that another of the same key hides among them."""


def strict(text: bytes) -> Any:
    """The value that must be read, of duplicate keys the last; Bad when the contract refuses the text."""
    try:
        loose = json.loads(text.decode(), parse_int=_number, parse_float=_number, parse_constant=_constant,
                           object_pairs_hook=_Pairs)  # fmt: skip
        return _checked(loose, 0)
    except (ValueError, RecursionError) as error:
        raise Bad from error


def _number(spelling: str) -> int | float:
    if sum(sign.isdigit() for sign in spelling) > DIGITS or abs(float(spelling)) == float("inf"):
        raise Bad
    try:
        return int(spelling)
    except ValueError:
        return float(spelling)


def _constant(_: str) -> Any:
    raise Bad


def _checked(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        value.encode()  # a lone surrogate cannot be
    elif isinstance(value, list) and depth == DEPTH:
        raise Bad
    elif isinstance(value, _Pairs):
        return {_checked(key, depth): _checked(held, depth + 1) for key, held in value}
    elif isinstance(value, list):
        return [_checked(held, depth + 1) for held in value]
    return value


def members(text: bytes) -> list[tuple[str, str, str]]:
    """The members of an object's text in order: key, the key's text, the value's text."""
    whole, found = text.decode(), []
    at = _skip(whole, whole.index("{") + 1)
    while whole[at] != "}":
        key, after = _raw(whole, at)
        value_at = _skip(whole, _skip(whole, after) + 1)
        ends = _end(whole, value_at)
        found.append((key, whole[at:after], whole[value_at:ends]))
        at = _skip(whole, ends)
        at = _skip(whole, at + 1) if whole[at] == "," else at
    return found


def items(text: str) -> list[str]:
    """The texts of an array's items."""
    found, at = [], _skip(text, text.index("[") + 1)
    while text[at] != "]":
        ends = _end(text, at)
        found.append(text[at:ends])
        at = _skip(text, ends)
        at = _skip(text, at + 1) if text[at] == "," else at
    return found


def last(text: bytes, key: str) -> str | None:
    """The text that readers see for this key."""
    return {name: value for name, _, value in members(text)}.get(key)


def parts(text: str) -> Any:
    """An object as keys and values, down to the texts of what is no object."""
    return {key: parts(value) for key, _, value in members(text.encode())} if text.startswith("{") else text


def merged(under: Any, over: Any) -> Any:
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    return under | {key: merged(under[key], value) if key in under else value for key, value in over.items()}


def _skip(text: str, at: int) -> int:
    while text[at] in SPACE:
        at += 1
    return at


def _end(text: str, at: int) -> int:
    return _raw(text, at)[1]


def good_call(call: Any, action: str, *, brief: bool) -> bool:
    """Whether T5 takes a call, its `timestamp` aside."""
    if not isinstance(call, dict):
        return False
    identities = [call.get("userId"), call.get("anonymousId")]
    needed = [*identities[: 1 if action == "alias" else 2]]
    return (
        all(_may_be_identity(value) for value in identities)
        and any(value and value.strip() for value in needed)
        and _good_event(call.get("event"), action, brief)
        and (action != "group" or _is_identity(call.get("groupId")))
        and (action != "alias" or any(map(_is_identity, (call.get("previousId"), call.get("anonymousId")))))
        and (action != "screen" or isinstance(call.get("name"), str | None))
        and all(isinstance(call.get(name), dict | None) for name in ("traits", "properties", "context"))
        and (action != "identify" or brief or call.get("traits") is not None)
        and isinstance(call.get("messageId"), str | None)
        and len(call.get("messageId") or "") <= 100
    )


def _may_be_identity(value: Any) -> bool:
    return value is None or (
        isinstance(value, str) and (not value.strip() or (len(value) <= 256 and "\0" not in value))
    )


def _is_identity(value: Any) -> bool:
    return bool(value) and _may_be_identity(value) and bool(value.strip())


def _good_event(event: Any, action: str, brief: bool) -> bool:
    if not isinstance(event, str | None):
        return False
    if action in ("identify", "page"):
        return event == action or (brief and not event)
    return action != "track" or 0 < len(event or "") <= 200

"""Requests out of the OpenAPI document: as it says, but for parts that hold anything else."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

WITH_BODY = ("post", "patch", "put")
JUNK: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, 2**63, "", " ", "\0", "a\0b", "\ud800", "é", "ﬁ", "x" * 300, "x" * 5000,
    "a@example.com", "2026-03-05T12:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [], {}, [[]],
    [None], {"": ""}, {"a": [1]}, "../", "%00", "%", "null", "NaN", "\u202e", "٣", "-0", "1e400",
    "a,b", "a/b/C", "' OR 1=1 --",
]  # fmt: skip
QUERIES = ["brand", "status", "type", "subject", "cursor", "limit", "ordering", "user_id", "page", "format", "overdue",
           "due_before", "received_after", "received_at__gte", "search", "x\0"]  # fmt: skip
BODIES = [b"", b"[]", b"{", b"null", b"\xff", b"[" * 5000, b'{"a":NaN}', b'{"user_id":"\\ud800"}', b"a=1"]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    body: bytes
    media_type: str
    headers: dict[str, str]


class Requests:
    """`known`: good values by the format of a field, or its name."""

    def __init__(self, document: Any, random: Random, known: dict[str, list[str]]) -> None:
        self._schemas = document["components"]["schemas"]
        self._random, self.known = random, known
        self._operations = [
            (method, path, operation)
            for path, methods in sorted(document["paths"].items())
            for method, operation in sorted(methods.items())
            if isinstance(operation, dict) and "responses" in operation
        ]

    def make(self) -> Asked:
        method, path, operation = self._random.choice(self._operations)
        headers = {}
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", self._segment(parameter["schema"]))
            elif parameter["in"] == "header" and self._rarely(3):
                headers[parameter["name"]] = self._line()
        if method == "get" and self._rarely(2):
            path += "?" + self._query(operation)
        if self._rarely(20):
            method = self._random.choice(["put", "delete", "options", "head", "trace", "patch", "post", "get"])
        body = self._body(operation) if method in WITH_BODY else b""
        kind = (
            "application/json" if not self._rarely(20) else str(self._random.choice(["", "text/plain", "\xff", "a/b;"]))
        )
        return Asked(method, path, body, kind, headers)

    def _segment(self, schema: Any) -> str:
        value = str(self._value("", schema))
        return quote(value.encode("utf-8", "replace"), safe="" if self._rarely(2) else "/.") or "-"

    def _line(self) -> str:
        return self._random.choice(["k1", '"k2"', "\xe9", "", "a" * 300, "k1", "\t", "k\x7f"])

    def _query(self, operation: Any) -> str:
        named = [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"]
        names = self._random.choices([*QUERIES, *named], k=self._random.choice((1, 1, 2, 4)))
        pairs = [(name, str(self._value(name, {"type": "string"}))) for name in names]
        return urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs])

    def _body(self, operation: Any) -> bytes:
        if self._rarely(12):
            return self._random.choice(BODIES)
        content = operation.get("requestBody", {}).get("content", {})
        schema = next(iter(content.values()))["schema"] if content else {"type": "object"}
        return json.dumps(self._value("", schema), ensure_ascii=True).encode()

    def _value(self, name: str, schema: Any) -> Any:
        """A value of this schema; one in ten is anything."""
        if self._rarely(10):
            return self._random.choice(JUNK)
        if "$ref" in schema:
            return self._value(name, self._schemas[schema["$ref"].rsplit("/", 1)[1]])
        if choices := schema.get("enum") or self.known.get(schema.get("format", name)):
            return self._random.choice(choices)
        kind = schema.get("type", "string")
        match kind[0] if isinstance(kind, list) else kind:
            case "object":
                return self._object(schema)
            case "array":
                return [self._value(name, schema["items"]) for _ in range(self._random.choice((0, 1, 1, 2, 5)))]
            case "integer":
                return self._random.choice([0, 1, 60, 3600, 31622400, 31622401, -1])
            case "boolean":
                return bool(self._random.randrange(2))
        return self._random.choice(["u1", "u2", "email", "2026-03-05T12:00:00Z", "x"])

    def _object(self, schema: Any) -> dict[str, Any]:
        members = schema.get("properties", {})
        chosen = [name for name in members if name in schema.get("required", ()) or self._rarely(3)]
        found = {name: self._value(name, members[name]) for name in chosen if not self._rarely(30)}
        return found | ({"unknown": self._random.choice(JUNK)} if self._rarely(20) else {})

    def _rarely(self, seldom: int) -> bool:
        return not self._random.randrange(seldom)

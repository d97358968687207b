"""Requests of every kind to the doors: mostly good, and anything at all in each part of them."""

import gzip
from base64 import b64encode
from random import Random
from typing import Any

from tests.fuzz.corpus import CALLS, WORDS
from tests.fuzz.mutation import Mutator
from tests.fuzz.surface import Asked, Lines

METHODS = ["GET", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "post", "", "\0", "POST "]
TYPES = [
    b"text/plain",
    b"application/json; charset=utf-8",
    b"APPLICATION/JSON",
    b"text/plain;",
    b"",
    b";",
    b"\xff",
    b"multipart/form-data",
]
ENCODINGS = [b"identity", b"GZIP", b" gzip ", b"br", b"gzip, gzip", b"", b"\xff"]
ORIGINS = [b"https://shop.example", b"null", b"", b"\xff", b"https://\xe9", b"*"]
HOPS = [b"198.51.100.7", b"::1", b"fe80::1%\xe9", b"192.0.2.9, x", b",,,", b"\xff", b"1.2.3.4:80", b"10.0.0.1" * 500]
BOMBS = [gzip.compress(b"[" * 4_000_000), gzip.compress(b"") * 1500, b"x" * 1_100_000, b"\x1f\x8b" * 600_000]
DOORS = ("/track/", "/v1/")


class Soup:
    """`secrets`: keys that open the doors; `brand`: where they are."""

    def __init__(self, random: Random, brand: str, secrets: list[str]) -> None:
        self._random = random
        self._secrets = [secret.encode() for secret in secrets]
        keyed = [b'{"writeKey":"%s",' % secret + b'"userId":"u","event":"page"}' for secret in self._secrets]
        self._bodies = {action: self._mutator(texts + keyed, WORDS) for action, texts in CALLS.items()}
        self._brand = brand
        words = [
            b"/",
            b"//",
            b".",
            b"..",
            b"\0",
            b"\n",
            b"%2f",
            b"events/",
            b"\xc3\xa9",
            b"\xf0\x9f\x98\x80",
            b"a" * 5000,
            b"~",
        ]
        places = [
            f"/track/{brand}/v1/events/01980000-0000-7000-8000-000000000000",
            "/v1/projects/k/settings",
            "/v1/m",
            "/v1/t",
        ]
        self._paths = self._mutator([place.encode() for place in places], words)
        self._secret = self._mutator(
            [*self._secrets, b"Basic cHA6", b"Bearer x"], [b"Basic ", b"=", b"\xe9", b",", b" ", b":"]
        )

    def _mutator(self, seeds: list[bytes], words: list[bytes]) -> Mutator:
        return Mutator(seeds, words, self._random)

    def ladle(self) -> Asked:
        action = self._random.choice(list(self._bodies))
        body, lines = self._body(action), self._lines()
        if self._rarely(15):
            body = self._packed(body)
            lines.append((b"content-encoding", b"gzip"))
        return Asked(self._any("POST", METHODS, 12), self._path(action), lines, self._pieces(body), self._rarely(50))

    def _path(self, action: str) -> str:
        if self._rarely(6):
            # As a server decodes it: anything but a lone surrogate.
            return self._paths.make().decode("utf-8", "replace")
        return f"/track/{self._brand}/v1/{action}" if self._rarely(2) else f"/v1/{action}"

    def _body(self, action: str) -> bytes:
        if self._rarely(300):
            return self._random.choice(BOMBS)
        return self._random.choice(CALLS[action]) if self._rarely(2) else self._bodies[action].make()

    def _packed(self, body: bytes) -> bytes:
        packed = gzip.compress(body, 1)
        return packed[: self._random.randrange(len(packed) + 1)] if self._rarely(4) else packed

    def _lines(self) -> Lines:
        lines = [(b"content-type", self._any(b"application/json", TYPES, 8))]
        secret = self._random.choice(self._secrets)
        if self._rarely(4):
            lines.append((b"authorization", b"Basic " + self._any(b64encode(secret + b":"), [self._secret.make()], 2)))
        else:
            lines.append((b"auth-token", self._any(secret, [self._secret.make(), b""], 8)))
        more = {b"content-encoding": (ENCODINGS, 20), b"origin": (ORIGINS, 6), b"x-forwarded-for": (HOPS, 4),
                b"authorization": ([self._secret.make()], 6), b"auth-token": ([self._secret.make()], 30)}  # fmt: skip
        lines += [
            (name, self._random.choice(values)) for name, (values, seldom) in more.items() if self._rarely(seldom)
        ]
        self._random.shuffle(lines)
        return lines if self._random.randrange(25) else []

    def _pieces(self, body: bytes) -> list[bytes]:
        cuts = sorted(self._random.randrange(len(body) + 1) for _ in range(self._random.choice((0, 0, 0, 1, 5))))
        return [body[begins:ends] for begins, ends in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    def _any(self, usual: Any, others: list[Any], seldom: int) -> Any:
        return self._random.choice(others) if self._rarely(seldom) else usual

    def _rarely(self, seldom: int) -> bool:
        return not self._random.randrange(seldom)

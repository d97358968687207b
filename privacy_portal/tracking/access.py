"""Who may use which door: auth-tokens and brands as they were at most 0.75 s ago (contract T3, R5: within a second).

What a token opens is asked again after a quarter, and not believed after half a second; token and brand may each have
been a quarter old by then.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from privacy_portal.brands.last_use import last_use
from privacy_portal.brands.models import AuthToken, Brand, TokenKind
from privacy_portal.brands.models.brand import LOWER, UPPER
from privacy_portal.brands.secret import hashed
from privacy_portal.tracking.refusal import (
    Refusal,
    brand_needed,
    key_missing,
    key_not_authorised,
    not_authorised,
    timed_out,
    token_missing,
    unavailable,
)
from privacy_portal.tracking.store.row import BrandView

FRESH = 0.25
PATIENCE = 10.0
REMEMBERED = 10_000
# Those that anyone can read out of a page or an app. As plain text: looking a member up on its enumeration takes longer
# than the comparison.
PUBLIC = frozenset(kind.value for kind in (TokenKind.JS_TAG, TokenKind.MOBILE))
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class TokenView:
    pk: int
    kind: str
    client: str
    account: str
    brand_id: int | None
    rate: int
    burst: int

    @property
    def public(self) -> bool:
        return self.kind in PUBLIC


class Reader:
    """Runs look-ups in one thread of its own, so that they never wait behind the writer."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tracking-reader")

    async def ask(self, question: Callable[..., Answer], *args: Any) -> Answer:
        """The answer, or the refusal 503 or 504: what cannot be read is refused, never let through."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, question, args)
        except TimeoutError:
            raise timed_out() from None
        except (DatabaseError, InterfaceError):
            raise unavailable() from None

    def close(self) -> None:
        self._thread.submit(_disconnect)
        self._thread.shutdown()

    @staticmethod
    def _guarded(question: Callable[..., Answer], args: tuple[Any, ...]) -> Answer:
        try:
            return question(*args)
        except (OperationalError, InterfaceError):
            # A server that was restarted: the second time on a new connection.
            connection.close()
            return question(*args)


@dataclass(slots=True)
class Opened:
    """What a secret and a path were found to open, and when that was asked."""

    asked_at: float
    token: TokenView
    brand: BrandView
    renewing: bool = False


Asked = tuple[str | None, str, str, str]


class Access:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held: OrderedDict[object, tuple[float, asyncio.Task[Any]]] = OrderedDict()
        self._opened: dict[Asked, Opened] = {}
        self._renewals: set[asyncio.Task[None]] = set()

    async def check(self, secret: str | None, client: str, account: str, code: str) -> tuple[TokenView, BrandView]:
        """The token and the brand it opens, or the refusal 403: the same whether or not that brand exists."""
        asked = (secret, client, account, code)
        opened = self._opened.get(asked)
        age = time.monotonic() - opened.asked_at if opened else 2 * FRESH
        if opened is None or age >= 2 * FRESH:
            opened = await self._open(asked)
        elif age >= FRESH and not opened.renewing:
            # Asked again beside the requests, or all of them would stop and wait several times a second.
            opened.renewing = True
            renewal = asyncio.get_running_loop().create_task(self._renew(asked))
            self._renewals.add(renewal)
            renewal.add_done_callback(self._renewals.discard)
        last_use.note(AuthToken, opened.token.pk)
        return opened.token, opened.brand

    async def _open(self, asked: Asked) -> Opened:
        asked_at = time.monotonic()
        token, brand = await self._check(*asked)
        if len(self._opened) >= REMEMBERED:
            self._opened.clear()
        opened = self._opened[asked] = Opened(asked_at, token, brand)
        return opened

    async def _renew(self, asked: Asked) -> None:
        try:
            await self._open(asked)
        except Refusal:
            self._opened.pop(asked, None)  # whoever asks next is told

    async def _check(self, secret: str | None, client: str, account: str, code: str) -> tuple[TokenView, BrandView]:
        if not secret:
            raise token_missing()
        token = await self.token(secret)
        if token is None:
            raise not_authorised()
        brand = await self.brand((client, account, code))
        if brand is None or not _opens(token, brand, client, account):
            raise not_authorised()
        return token, brand

    async def of_key(self, secret: str | None) -> tuple[TokenView, BrandView]:
        """The token that a write key is, and the one brand it names by itself; or the refusal 403."""
        if not secret:
            raise key_missing()
        token = await self.token(secret)
        if token is None:
            raise key_not_authorised()
        if token.brand_id is None:
            raise brand_needed()
        brand = await self._fresh(_brand_of, token.brand_id)
        if brand is None:
            raise key_not_authorised()
        last_use.note(AuthToken, token.pk)
        return token, brand

    async def token(self, secret: str) -> TokenView | None:
        """The live token of this secret."""
        return await self._fresh(_token, hashed(secret))

    async def brand(self, path: tuple[str, str, str]) -> BrandView | None:
        """The brand at (client, account, code). What no brand can be called is neither asked for nor remembered: it may
        be long, and some of it (NUL, lone surrogates) no database can be asked."""
        client, account, code = path
        if not (LOWER.fullmatch(client) and LOWER.fullmatch(account) and UPPER.fullmatch(code)):
            return None
        return await self._fresh(_brand, path)

    async def _fresh(self, load: Callable[[Any], Answer], key: object) -> Answer:
        """What `load` said at most `FRESH` seconds ago; asked once, however many wait for it."""
        now = time.monotonic()
        asked_at, asking = self._held.get((load, key), (-FRESH, None))
        if asking is None or now - asked_at >= FRESH or (asking.done() and asking.exception()):
            asking = asyncio.get_running_loop().create_task(self._reader.ask(load, key))
            self._held[load, key] = (now, asking)
            self._held.move_to_end((load, key))
            while len(self._held) > REMEMBERED:
                self._held.popitem(last=False)
        if not asking.done():
            # Waited for, not awaited: who gives up must not take the answer from the others.
            await asyncio.wait([asking])
        if asking.exception() and self._held.get((load, key), (now, None))[1] is asking:
            del self._held[load, key]
        try:
            return asking.result()
        finally:
            del asking  # what it raised leads to this frame, and so to the connection of who asked


def _disconnect() -> None:
    """Give back this thread's connection."""
    connection.close()


def _opens(token: TokenView, brand: BrandView, client: str, account: str) -> bool:
    if token.brand_id is not None:
        return token.brand_id == brand.pk
    return (token.client, token.account) == (client, account)


def _token(digest: bytes) -> TokenView | None:
    token = AuthToken.objects.live().filter(digest=digest).first()
    if token is None:
        return None
    return TokenView(token.pk, token.kind, token.client, token.account, token.brand_id, token.rate, token.burst)


def _brand(path: tuple[str, str, str]) -> BrandView | None:
    return _view(Brand.objects.at("/".join(path)).first())


def _brand_of(pk: int) -> BrandView | None:
    return _view(Brand.objects.filter(pk=pk).first())


def _view(brand: Brand | None) -> BrandView | None:
    if brand is None:
        return None
    return BrandView(
        brand.pk,
        brand.path,
        frozenset(brand.setting("commands")),
        tuple(brand.channel_names),
        brand.setting("sticky_withdrawal"),
        frozenset(brand.setting("allowed_origins")),
        brand.forwards,
    )

"""Who may use which door: auth-tokens and brands, looked up at most half a second ago (contract T3, R5)."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, connection

from privacy_portal.brands.models import AuthToken, Brand, TokenKind
from privacy_portal.brands.secret import hashed
from privacy_portal.tracking.refusal import not_authorised, token_missing, unavailable
from privacy_portal.tracking.store.row import BrandView

FRESH = 0.5
REMEMBERED = 10_000
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
        return self.kind in (TokenKind.JS_TAG, TokenKind.MOBILE)


class Reader:
    """Runs look-ups in one thread of its own, so that they never wait behind the writer."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tracking-reader")

    async def ask(self, question: Callable[..., Answer], *args: Any) -> Answer:
        """The answer, or the refusal 503: what cannot be read is refused, never let through."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, question, args)
        except (DatabaseError, InterfaceError):
            raise unavailable() from None

    @staticmethod
    def _guarded(question: Callable[..., Answer], args: tuple[Any, ...]) -> Answer:
        try:
            return question(*args)
        except (DatabaseError, InterfaceError):
            connection.close()
            raise


class Access:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held: OrderedDict[tuple[str, object], tuple[float, Any]] = OrderedDict()

    async def check(self, secret: str | None, client: str, account: str, code: str) -> tuple[TokenView, BrandView]:
        """The token and the brand it opens, or the refusal 403: the same whether or not that brand exists."""
        if not secret:
            raise token_missing()
        token: TokenView | None = await self._fresh("token", hashed(secret), _token)
        brand: BrandView | None = await self._fresh("brand", (client, account, code), _brand)
        if token is None or brand is None or not _opens(token, brand, client, account):
            raise not_authorised()
        return token, brand

    async def _fresh(self, kind: str, key: object, load: Callable[[Any], Answer]) -> Answer:
        now = time.monotonic()
        held = self._held.get((kind, key))
        if held and now - held[0] < FRESH:
            return held[1]  # type: ignore[no-any-return]
        value = await self._reader.ask(load, key)
        self._held[kind, key] = (now, value)
        self._held.move_to_end((kind, key))
        while len(self._held) > REMEMBERED:
            self._held.popitem(last=False)
        return value


def _opens(token: TokenView, brand: BrandView, client: str, account: str) -> bool:
    if token.brand_id is not None:
        return token.brand_id == brand.pk
    return (token.client, token.account) == (client, account)


def _token(digest: bytes) -> TokenView | None:
    token = AuthToken.objects.live().filter(digest=digest).first()
    return token and TokenView(
        token.pk, token.kind, token.client, token.account, token.brand_id, token.rate, token.burst
    )


def _brand(path: tuple[str, str, str]) -> BrandView | None:
    brand = Brand.objects.at("/".join(path)).first()
    return brand and BrandView(
        brand.pk,
        brand.path,
        frozenset(brand.setting("commands")),
        tuple(brand.channel_names),
        brand.setting("sticky_withdrawal"),
    )



"""CORS: which web pages may speak to the door, and read what it says (contract T16).

A browser names the origin of the page in `Origin`; a server sends none and never comes here. The brand's
`allowed_origins` decides, for JS-tag tokens alone: a server's or an app's token in a web page is a leak, and is not
helped along. Refusals carry the headers as well, so that the page's script can read why.
"""

from privacy_portal.brands.models import TokenKind
from privacy_portal.tracking import refusal
from privacy_portal.tracking.access import Access, TokenView
from privacy_portal.tracking.refusal import Refusal
from privacy_portal.tracking.store.row import BrandView

Headers = dict[str, str]
# Chromium believes a preflight for two hours at most. Allowed is only to ask: each POST is checked again.
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "auth-token, authorization, content-type, x-retry-count",
    "Access-Control-Max-Age": "7200",
}


def check_origin(origin: str | None, token: TokenView, brand: BrandView) -> None:
    """A JS-tag token in a page that the brand has not listed is refused, with or without a preflight."""
    if origin is not None and token.kind == TokenKind.JS_TAG and origin not in brand.origins:
        raise refusal.origin_not_allowed()


class Cors:
    def __init__(self, access: Access) -> None:
        self._access = access

    async def preflight(self, origin: str, path: tuple[str, str, str]) -> Headers:
        """What a browser may go on to send. It asks without a token, so an unknown brand is refused alike."""
        brand = await self._access.brand(path)
        if brand is None or origin not in brand.origins:
            raise refusal.origin_not_allowed()
        return PREFLIGHT

    async def headers(self, origin: str, path: tuple[str, str, str], secret: str | None) -> Headers:
        """What lets the page's script read the answer, if it may. `secret`: the token shown in a header."""
        try:
            brand = await self._access.brand(path)
            token = await self._access.token(secret) if secret else None
        except Refusal:
            brand = None
        if brand is None or origin not in brand.origins or (token and token.kind != TokenKind.JS_TAG):
            return {"Vary": "Origin"}
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After",
        }

"""Links for mail: the preference page of one person, and what a message for one channel carries in its headers.

Tokens are 128 bits in 22 characters: the e-mail package of Python and others break a header whose URL is longer than
74 characters (specs of RFC 2369 and RFC 8058; see docs for senders).
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from privacy_portal.audit.models import Actor
from privacy_portal.brands.secret import hashed
from privacy_portal.preferences.models import PreferenceToken, TokenKind
from privacy_portal.subjects.models import Subject

LONGEST_URL = 74
TOKEN_BYTES = 16
PAGE_LASTS = timedelta(days=30)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
ONE_CLICK = "List-Unsubscribe=One-Click"


class BadLink(ValueError):
    """A link that cannot be made as asked for; the message is "<field> <rule>" and `field` its name."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field = field
        self.rule = rule


@dataclass(frozen=True)
class PreferenceLink:
    """`url` opens the page until `expires_at`, and after that it still stops everything. `headers` belong into mail
    for the channel, both covered by its DKIM signature; `unsubscribe_url` in them never expires."""

    url: str
    expires_at: datetime
    unsubscribe_url: str
    headers: dict[str, str]


def issue_link(subject: Subject, channel: str = "email", expires_in: timedelta | None = None) -> PreferenceLink:
    """A new page link, and the unsubscribe link of that channel. BadLink when `channel` is not one of the brand's or
    `expires_in` is not between a minute and 366 days. Who may ask for it, and the audit of that, is the caller's."""
    lasts = PAGE_LASTS if expires_in is None else expires_in
    if not SHORTEST <= lasts <= LONGEST:
        raise BadLink("expires_in", "must be between 1 minute and 366 days")
    if channel not in subject.brand.channel_names:
        raise BadLink("channel", f"must be one of {', '.join(subject.brand.channel_names)}")
    expires_at = timezone.now() + lasts
    clear = secrets.token_urlsafe(TOKEN_BYTES)
    PreferenceToken.objects.create(
        digest=hashed(clear), subject=subject, kind=TokenKind.PAGE, expires_at=expires_at
    )  # fmt: skip
    unsubscribe_url = _address("unsubscribe", _unsubscribe_token(subject, channel))
    headers = {"List-Unsubscribe": f"<{unsubscribe_url}>", "List-Unsubscribe-Post": ONE_CLICK}
    return PreferenceLink(_address("page", clear), expires_at, unsubscribe_url, headers)


def revoke_links(subject: Subject, actor: Actor, kind: TokenKind | None = None) -> int:
    """Shut every link of a person, or those of one kind. Returns how many were open."""
    tokens = PreferenceToken.objects.of(subject).live().select_related("subject")
    tokens = tokens if kind is None else tokens.filter(kind=kind)
    for token in tokens:
        token.revoke(actor)
    return len(tokens)


def _unsubscribe_token(subject: Subject, channel: str) -> str:
    """The same for every message of that channel, so that a sender of millions adds one row a person, not one a
    message. After a revocation it is another one."""
    of_channel = PreferenceToken.objects.of(subject).filter(kind=TokenKind.UNSUBSCRIBE, channel=channel)
    generation = of_channel.exclude(revoked_at=None).count()
    mac = salted_hmac("preferences.unsubscribe", f"{subject.pk}:{channel}:{generation}", algorithm="sha256").digest()
    clear = urlsafe_b64encode(mac[:TOKEN_BYTES]).rstrip(b"=").decode()
    of_channel.get_or_create(
        digest=hashed(clear), defaults={"subject": subject, "kind": TokenKind.UNSUBSCRIBE, "channel": channel}
    )
    return clear


def _address(page: str, clear: str) -> str:
    return settings.PUBLIC_URL + reverse(f"preferences:{page}", args=[clear])

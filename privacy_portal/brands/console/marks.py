"""Small pieces of HTML that lists and pages share: a word with a tone, a link, an id."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

# What a status means for who looks at it. Tones colour a word that already says it.
TONES = {
    "finished": "good", "delivered": "good", "stored": "good", "ready": "good", "live": "good",
    "forwarded": "good", "forwarding": "busy",
    "running": "busy", "sending": "busy", "scheduled": "busy", "waiting": "busy",
    "retrying": "warn", "partial": "warn", "skipped": "warn", "suppressed": "warn", "not_tracked": "warn",
    "failed": "bad", "overdue": "bad",
}  # fmt: skip


def mark(text: str, tone: str) -> SafeString:
    return format_html('<span class="mark mark-{}">{}</span>', tone, text)


def status(value: str, label: str) -> SafeString:
    return mark(label, TONES.get(value, "calm"))


def link(url: str, text: Any) -> SafeString:
    return format_html('<a class="link" href="{}">{}</a>', url, text)


def code(value: Any) -> SafeString:
    return format_html('<code class="id">{}</code>', value)


def short(value: Any) -> str:
    """An id for people to tell apart: its random end."""
    # The joiner keeps a line from breaking after the dots.
    return f"…\u2060{str(value)[-8:]}"

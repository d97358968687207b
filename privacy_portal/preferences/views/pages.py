"""The pages themselves: which template, which words, which status."""

from collections.abc import Collection
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone

from privacy_portal.preferences import answer
from privacy_portal.preferences.channels import brand_name, channels_of, is_all_stopped, is_anything_on
from privacy_portal.preferences.models import PreferenceToken
from privacy_portal.preferences.receipt import Receipt
from privacy_portal.subjects.models import Subject


def choices(
    subject: Subject,
    saved_at: datetime | None = None,
    *,
    unchanged: bool = False,
    outdated: bool = False,
    error: str = "",
    refused: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """The page of channels. `refused`: channels that could not be turned on, because nothing is sent to this person;
    `error`: what else went wrong."""
    receipt = _receipt(subject, saved_at)
    holds = receipt is not None and receipt.holds
    channels = channels_of(subject)
    return answer.page("choices", {
        **_brand(subject),
        "title": _title(subject, holds, bool(error or refused)),
        "channels": channels,
        "receipt": receipt,
        "holds": holds,
        "unchanged": unchanged,
        "outdated": outdated,
        "nothing_is_sent": subject.suppressed,
        "error": error,
        "refused": [channel for channel in channels if channel.name in refused],
    }, status)  # fmt: skip


def expired(
    subject: Subject,
    saved_at: datetime | None = None,
    *,
    unchanged: bool = False,
    outdated: bool = False,
    dropped: bool = False,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """An old link: it stops everything, and shows nothing, but after a save whether anything is still on. `dropped`:
    something was to be turned on."""
    receipt = _receipt(subject, saved_at)
    holds = receipt is not None and receipt.holds
    nothing_was_saved = bool(error) or (dropped and (unchanged or outdated))
    return answer.page("expired", {
        **_brand(subject),
        "title": _old_title(subject, holds, nothing_was_saved),
        "receipt": receipt,
        "holds": holds,
        "is_on": is_anything_on(subject),
        "is_all_stopped": is_all_stopped(subject),
        "unchanged": unchanged and not dropped,
        "outdated": outdated and not dropped,
        "dropped": dropped,
        "nothing_was_saved": nothing_was_saved,
        "error": error,
    }, status)  # fmt: skip


def erased(subject: Subject) -> HttpResponse:
    return answer.page("erased", {**_brand(subject), "title": "Everything is stopped"})


def no_link(found: PreferenceToken | None) -> HttpResponse:
    """One look for a link that never was and for one that was shut; whoever made one up learns nothing from it."""
    context = {"title": "This link does not work", "contact": found.subject.brand.setting("contact") if found else ""}
    return answer.page("no_link", context, status=410 if found else 404)


def unsubscribe(token: PreferenceToken, *, done: bool = False) -> HttpResponse:
    """The question before, and the answer after. The button sends what a mailbox provider would send."""
    labels = {channel.name: channel.label for channel in channels_of(token.subject)}
    label, name = labels.get(token.channel, token.channel), brand_name(token.subject.brand)
    title = f"{label} from {name}: stopped" if done else f"Stop {label} from {name}?"
    context = {**_brand(token.subject), "title": title, "label": label, "done": done}
    return answer.page("unsubscribe", context)


def _receipt(subject: Subject, saved_at: datetime | None) -> Receipt | None:
    return Receipt.find(subject, saved_at, timezone.now()) if saved_at else None


def _title(subject: Subject, holds: bool, has_error: bool) -> str:
    name = brand_name(subject.brand)
    if has_error:
        return f"Not saved: what may {name} send you?"
    return _saved_title(subject, name) if holds else f"What may {name} send you?"


def _old_title(subject: Subject, holds: bool, nothing_was_saved: bool) -> str:
    name = brand_name(subject.brand)
    if holds:
        return _saved_title(subject, name)
    return f"Not saved: this link to {name} is old" if nothing_was_saved else f"This link to {name} is old"


def _saved_title(subject: Subject, name: str) -> str:
    return f"All marketing from {name} is stopped" if is_all_stopped(subject) else f"Saved: what {name} may send you"


def _brand(subject: Subject) -> dict[str, str]:
    return {"brand": brand_name(subject.brand), "contact": subject.brand.setting("contact")}

"""Who acted, in words: audit entries keep ids alone, the console says whose they are."""

from collections.abc import Iterable

from django.contrib.auth.models import User

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import ApiToken

PLAIN = {"system": "The portal", "command": "A command", "person": "The person"}


def names(actors: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """A name for each (kind, id), with one query for each kind."""
    wanted = set(actors)
    staff = _ids(wanted, "staff")
    tokens = _ids(wanted, "api_token")
    users = {str(user.pk): user.get_username() for user in User.objects.filter(pk__in=staff)} if staff else {}
    held = (
        {str(token.pk): token.name or str(token) for token in ApiToken.objects.filter(pk__in=tokens)} if tokens else {}
    )
    said = {"staff": users, "api_token": held}
    return {
        (kind, key): PLAIN.get(kind) or said.get(kind, {}).get(key) or f"{kind.replace('_', ' ')} {key}".strip()
        for kind, key in wanted
    }


def name(entries: Iterable[Entry]) -> None:
    """Give each entry its `who`."""
    entries = list(entries)
    known = names((entry.actor_kind, entry.actor_id) for entry in entries)
    for entry in entries:
        entry.who = known[entry.actor_kind, entry.actor_id]  # type: ignore[attr-defined]


def _ids(actors: set[tuple[str, str]], kind: str) -> list[str]:
    return [key for held, key in actors if held == kind and key.isdecimal()]

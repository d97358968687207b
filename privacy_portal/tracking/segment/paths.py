"""Which action a path of Segment's API stands for: its full name, the SDKs' short one, and what older ones call it."""

import re

from privacy_portal.tracking.call import ACTIONS, ALIAS

BATCH, METRICS, SETTINGS = "batch", "metrics", "settings"
# `m`: what the browser's SDK tells Segment about its own health.
_SHORT = {"b": BATCH, "import": BATCH, "m": METRICS} | {name[0]: name for name in (*ACTIONS, ALIAS)}
_ACTIONS = _SHORT | {name: name for name in (*ACTIONS, ALIAS, BATCH)}
_SETTINGS = re.compile(r"/v1/projects/([^/]+)/settings/?")


def action_of(path: str) -> str | None:
    """ "/v1/t" and "/v1/track/" are both "track"; None for what is no path of this door."""
    if _SETTINGS.fullmatch(path):
        return SETTINGS
    return _ACTIONS.get(path.removeprefix("/v1/").removesuffix("/"))


def key_in(path: str) -> str:
    """The write key that a path of `SETTINGS` names."""
    match = _SETTINGS.fullmatch(path)
    return match[1] if match else ""

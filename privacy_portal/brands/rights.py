"""What each role may do, in the console and over the REST API alike (contract A2, S4)."""

from enum import Enum, auto

from privacy_portal.brands.models import Role


class Right(Enum):
    """One thing that may be done; a page, a button or a method of the API asks for exactly one."""

    SEE = auto()  # read states, lists, the ledger
    REVEAL = auto()  # see who a person is
    REQUEST = auto()  # ask for what closes the gate, and for Access; hand out preference links, and revoke them
    OPEN = auto()  # ask for every type: opening, erasing
    MOVE = auto()  # cancel and retry
    EXPORT = auto()  # download what was collected
    CONSENT = auto()  # record what a person said
    PAYLOAD = auto()  # read what an event carried
    AUDIT = auto()  # read who did what
    SETTINGS = auto()  # brands, tokens, staff


_SUPPORT = frozenset({Right.SEE, Right.REVEAL, Right.REQUEST, Right.CONSENT})
RIGHTS: dict[str, frozenset[Right]] = {
    Role.SUPPORT: _SUPPORT,
    Role.DPO: frozenset(Right) - {Right.SETTINGS},
    Role.AUDITOR: frozenset({Right.SEE, Right.AUDIT}),
    Role.ADMIN: frozenset(Right),
}

"""How the console says what steps do and what came of them."""

from django.utils.safestring import SafeString

from privacy_portal.brands.console.marks import status
from regulations.destinations import DESTINATIONS
from regulations.models import Step

DOING = {"collect": "Collect", "erase": "Erase", "notify": "Tell"}


def doing(step: Step) -> str:
    return DOING.get(step.action, step.action.capitalize())


def state(step: Step) -> SafeString:
    """As far as its identify update while it rests for that, as REST says, too."""
    return status(step.told_status, step.get_told_status_display())


def destination(step: Step) -> str:
    """The label of the place; a kind that is gone from the registry keeps its name."""
    known = DESTINATIONS.get(step.destination)
    return known.label if known else step.destination


def counts(step: Step) -> str:
    """ "12 events, 0 left" """
    return ", ".join(
        f"{value:,} {name.replace('_', ' ')}" for name, value in step.counts.items() if isinstance(value, int)
    )

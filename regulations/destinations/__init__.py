"""The kinds of places that hold data, by name. A new one is a module here and nothing else."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from privacy_portal.brands.models import Brand
from regulations.destinations.base import Destination


def _found() -> dict[str, Destination]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if module.name != "base")
    kinds = [module.DESTINATION for module in modules]
    found = {kind.name: kind for kind in kinds}
    if len(found) != len(kinds):
        raise RuntimeError("two kinds of destination have one name")
    return found


DESTINATIONS: dict[str, Destination] = _found()


def able_to(action: str, brand: Brand) -> Iterator[Destination]:
    """The brand's destinations that declare this action. Both of today's kinds serve every brand."""
    return (destination for destination in DESTINATIONS.values() if action in destination.actions)


__all__ = ["DESTINATIONS", "Destination", "able_to"]

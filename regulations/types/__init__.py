"""The regulation types, by API value. A new one is a module here and nothing else."""

from importlib import import_module
from pkgutil import iter_modules

from regulations.types.base import RegulationType


def _found() -> dict[str, RegulationType]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if module.name != "base")
    kinds = sorted((module.TYPE for module in modules), key=lambda kind: kind.position)
    found = {kind.value: kind for kind in kinds}
    if len(found) != len(kinds):
        raise RuntimeError("two regulation types have one API value")
    return found


TYPES: dict[str, RegulationType] = _found()

__all__ = ["TYPES", "RegulationType"]

"""What each part of the product says of itself, in a bounded time."""

import asyncio

from privacy_portal.processes.checks import CHECKS, NotReady
from privacy_portal.processes.guarded import Guarded

PATIENCE_S = 3.0


class Health:
    def __init__(self) -> None:
        self._checks = {name: Guarded(name, ask) for name, ask in CHECKS.items()}

    async def states(self) -> dict[str, str]:
        """`ok` or why not, for each part, in at most `PATIENCE_S` seconds."""
        states = await asyncio.gather(*(_state(check) for check in self._checks.values()))
        return dict(zip(self._checks, states, strict=True))


async def _state(check: Guarded[None]) -> str:
    try:
        await check.answer(PATIENCE_S)
    except NotReady as reason:
        return str(reason)
    except TimeoutError:
        return f"no answer within {PATIENCE_S:.0f} s"
    except Exception as error:  # its text may quote an address with a password in it
        return type(error).__name__
    return "ok"

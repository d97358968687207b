"""How many inputs a run sends: a share of the twenty thousand of the usual suite, or of what FUZZ_INPUTS asks for."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from random import Random

USUAL = 20_000
ASKED = int(os.environ.get("FUZZ_INPUTS", USUAL))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SPEAKS_EVERY = 10.0

sent: Counter[str] = Counter()
taken: Counter[str] = Counter()


def randomness(name: str) -> Random:
    """The same for the same name and FUZZ_SEED, in any order of the tests."""
    return Random(f"{SEED} {name}")


def inputs(name: str, share: float) -> Iterator[int]:
    """Counts this share of all inputs, and says now and then how far it is (seen with `pytest -s`)."""
    number = round(ASKED * share)
    spoken = time.monotonic()
    for at in range(number):
        yield at
        sent[name] += 1
        if time.monotonic() - spoken > SPEAKS_EVERY:
            spoken = time.monotonic()
            print(f"  {name}: {at + 1:,} of {number:,}, {taken[name]:,} taken", flush=True)

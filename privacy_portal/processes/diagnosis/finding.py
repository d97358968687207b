from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`passes`: it is being seen to by itself, so nobody needs to act yet. `number`: for how many it stands."""

    what: str
    why: str
    next: str
    passes: bool = False
    number: int = 1

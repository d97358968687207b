"""The README's tour as it stands there: what is typed, and what it says comes of it."""

import re
from dataclasses import dataclass

from tests.docs.code import ROOT

_STEP = re.compile(r"^```bash tour\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
END_OF_STEP = "--- end of step {} ---"


@dataclass(frozen=True)
class TourStep:
    """`shown`: the output that the README promises; … stands for what differs each time."""

    typed: str
    shown: str

    def is_what_came(self, output: str) -> bool:
        return re.fullmatch(_pattern(self.shown), output.strip(), re.DOTALL) is not None


def _pattern(shown: str) -> str:
    """Spaces may be more or fewer, … may be anything on one line."""
    lines = [" ".join(line.split()) for line in shown.strip().splitlines()]
    return r"\s*\n".join(re.escape(line).replace(r"\ ", r"[ ]+").replace("…", r"[^\n]*?") for line in lines)


def steps() -> list[TourStep]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [TourStep(typed, shown or "") for typed, shown in _STEP.findall(text)]


def script() -> str:
    """All of it for one shell, as when typed, with a line after each step."""
    return "\n".join(f"{step.typed}echo '{END_OF_STEP.format(number)}'" for number, step in enumerate(steps()))

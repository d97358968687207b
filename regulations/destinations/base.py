"""What a destination declares it can do (contract G8), and the shape in which it does it."""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from regulations.models import Step


class Destination:
    """`actions`: those of collect, erase and notify that it declares. Each carries out one step: the effect first, then
    `step.finish`. TryAgain and Final (durable.errors) say what a failure means; anything else is tried again.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    actions: ClassVar[frozenset[str]]

    def start(self, steps: "list[Step]") -> None:
        """What needs no worker of its own, in the transaction in which the regulations of these steps begin."""

    def collect(self, step: "Step") -> None:
        raise NotImplementedError(f"{self.name} does not declare collect")

    def erase(self, step: "Step") -> None:
        raise NotImplementedError(f"{self.name} does not declare erase")

    def notify(self, step: "Step") -> None:
        raise NotImplementedError(f"{self.name} does not declare notify")

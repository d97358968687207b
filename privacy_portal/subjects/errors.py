"""The family of refusals: what a transition answers when the state does not allow it.

`code` is stable and part of the contract; `detail` is a sentence for people. Mapped once to problem details (REST)
and once to a message (console).
"""


class Conflict(Exception):
    """A request that the present state does not allow: 409."""

    def __init__(self, code: str, detail: str, **extra: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.extra = extra

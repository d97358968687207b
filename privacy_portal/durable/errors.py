"""What a job's attempt may come to, beside being done. The row, not the caller, decides when to try again."""

from datetime import timedelta


class LeaseLost(Exception):
    """Someone else holds this job now: stop, and write nothing more."""


class NotNow(Exception):
    """Nothing was begun: the row is released as it was, and no attempt is burned."""


class TryAgain(Exception):
    """The attempt failed in a way that may pass. `error` goes into the row: nothing personal. `after`: not sooner."""

    def __init__(self, error: str, after: timedelta | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.after = after


class Final(Exception):
    """The attempt failed for good. `error` goes into the row: never personal data."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error

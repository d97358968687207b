"""Python's collector in a process that serves for long."""

import gc


def keep_what_is_there() -> None:
    """What there is now stays for the life of the process, and so many objects take the collector long: it need not
    look at them again, nor at each seven hundred that a request makes and drops."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)

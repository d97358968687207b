"""How fast a queue of regulations is carried out, and how soon after a fault it is empty."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.queue.ground import Ground, Run

SIZE = int(os.environ.get("BENCH_QUEUE", "10000"))
FEW, MANY = 1_000, 10 * SIZE
WARM = 100  # by then each process and the database have read once what they read again and again
ROUNDS = 3
PATIENCE_S = 3600
# Among the oldest: asking all of a long queue twice a second would slow down what is measured.
ENDED = """
    SELECT count(finished_at) FROM (SELECT finished_at FROM regulations_regulation ORDER BY id LIMIT %s) AS oldest
"""
FINISHED = "SELECT count(*) FROM regulations_regulation WHERE status = 'finished'"
BEGAN = "SELECT min(started_at) FROM regulations_regulation"
ENDED_AT = "SELECT finished_at FROM regulations_regulation ORDER BY finished_at OFFSET %s LIMIT 1"


def portal(run: Run) -> list[subprocess.Popen[bytes]]:
    """Everything that `make up` runs but the web, with two workers."""
    run.do("-m", "benchmarks.queue.marks")
    run.start("manage.py", "sweep")
    run.start("-m", "celery", "--quiet", "-A", "privacy_portal", "beat", "--pidfile", "")
    return [run.start_worker("privacy_portal", name) for name in ("one", "two")]


def baseline(run: Run) -> list[subprocess.Popen[bytes]]:
    """Two workers of the same threads; the messages are in their queue already."""
    run.do("-m", "benchmarks.baseline_celery.send")
    return [run.start_worker("benchmarks.baseline_celery.app", name) for name in ("one", "two")]


KINDS: dict[str, Callable[[Run], list[subprocess.Popen[bytes]]]] = {"portal": portal, "plain task": baseline}


def measure() -> dict[str, Any]:
    ground = Ground()
    try:
        return {"carried out": speed(ground), "waiting": depth(ground), "recovery": recovery(ground)}
    finally:
        ground.close()


def speed(ground: Ground) -> dict[str, Any]:
    """Interleaved rounds, so that what the machine does beside hits both alike; medians."""
    rates: dict[str, list[float]] = {name: [] for name in KINDS}
    for _ in range(ROUNDS):
        for name in KINDS:
            rates[name].append(carried_out(ground, name, SIZE, SIZE))
    found = {name: median(of) for name, of in rates.items()}
    return {
        **{f"regulations a second, {name}": rate for name, rate in found.items()},
        "portal : plain task (at least 0.4)": round(found["portal"] / found["plain task"], 2),
        "each round": rates,
        "queue": SIZE,
    }


def depth(ground: Ground) -> dict[str, Any]:
    """The first thousand of a short and of a long queue, without the hundred that warm everything up: a database of
    hundreds of megabytes, copied a moment ago, takes longer to do so."""
    rates: dict[int, list[float]] = {FEW: [], MANY: []}
    for _ in range(ROUNDS):
        for waiting in rates:
            rates[waiting].append(carried_out(ground, "portal", waiting, FEW, WARM))
    few, many = (median(of) for of in rates.values())
    return {
        f"regulations a second, {FEW:,} waiting": few,
        f"regulations a second, {MANY:,} waiting": many,
        "many : few (at least 1)": round(many / few, 2),
        "each round": rates,
    }


def carried_out(ground: Ground, kind: str, waiting: int, number: int, warm: int = 0) -> float:
    """Regulations a second, from the first one's beginning, or the end of the one that is the last to be `warm`, to the
    end of the last of `number`."""
    with ground.run(waiting) as run:
        KINDS[kind](run)
        until(run, number)
        if number == waiting:
            check(run, waiting)
        began = run.asked(ENDED_AT, warm - 1) if warm else run.asked(BEGAN)
        return round((number - warm) / (run.asked(ENDED_AT, number - 1) - began).total_seconds(), 1)


def recovery(ground: Ground) -> dict[str, Any]:
    """Both workers are killed in mid-queue and started again at once, as the supervisor does."""
    size = min(SIZE, 2_000)
    with ground.run(size) as run:
        workers = portal(run)
        until(run, size // 2)
        for worker in workers:
            os.killpg(worker.pid, signal.SIGKILL)
        killed_at, left = time.monotonic(), size - ended(run, size)
        for name in ("one", "two"):
            run.start_worker("privacy_portal", name)
        until(run, size)
        check(run, size)
        return {"left at the kill": left, "seconds to an empty queue": round(time.monotonic() - killed_at, 1)}


def ended(run: Run, number: int) -> int:
    """Of the oldest `number`, and of those that may have passed them by."""
    return int(run.asked(ENDED, number + FEW))


def until(run: Run, number: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while ended(run, number) < number:
        if time.monotonic() > end:
            raise SystemExit(f"{ended(run, number)} of {number} regulations have ended")
        time.sleep(0.5)


def check(run: Run, size: int) -> None:
    """That all of it was done: a benchmark that does nothing is fast."""
    of_type = dict(run.database.execute("SELECT type, count(*) FROM regulations_regulation GROUP BY type").fetchall())
    erased = of_type["delete"] + of_type["suppress_and_delete"]
    expected = {
        "finished": (run.asked(FINISHED), size),
        "updates": (run.updates()["different"], size - of_type["access"]),
        "exports": (run.asked("SELECT count(*) FROM regulations_export WHERE status = 'ready'"), of_type["access"]),
        "erased": (run.asked("SELECT count(*) FROM subjects_subject WHERE user_id IS NULL"), erased),
        "events": (run.asked("SELECT count(*) FROM tracking_event"), 3 * (size - erased)),
        "suppressed": (
            run.asked("SELECT count(*) FROM subjects_subject WHERE suppressed"), of_type["suppress"] + erased
        ),
    }  # fmt: skip
    wrong = {name: pair for name, pair in expected.items() if pair[0] != pair[1]}
    if wrong:
        raise SystemExit(f"not carried out (found, expected): {wrong}")

"""supervisor, at our pace: `python -m privacy_portal.processes.manager -c FILE`.

It looks what there is to do once a second, and a signal does not wake it: it would begin a second late, and be up to a
second late with each stop.
"""

import os
import signal
from contextlib import suppress
from typing import Any

from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.poller import Poller as SystemsPoller
from supervisor.supervisord import Supervisor

LOOKS_EVERY_S = 0.1
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)


class Poller(SystemsPoller):
    def poll(self, timeout: float) -> Any:
        return super().poll(min(timeout, LOOKS_EVERY_S))


class Options(ServerOptions):
    def __init__(self) -> None:
        super().__init__()
        self.poller = Poller(self)

    def fork(self) -> int:
        """A signal ends a child that has not become its program yet. supervisor's handlers, which it has from before,
        would note it for nobody, and a signal to its group would find none before the child has made it."""
        free = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            if pid := os.fork():
                with suppress(OSError):  # it has become its program by now, with the group that it made itself
                    os.setpgid(pid, pid)
            else:
                for number in ENDING:
                    signal.signal(number, signal.SIG_DFL)
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, free)


def main() -> None:
    """Until a signal says stop and all that it runs has ended."""
    options = Options()
    options.realize(doc=__doc__)
    options.first, options.test = True, False
    with suppress(ExitNow):
        Supervisor(options).main()
    options.close_logger()


if __name__ == "__main__":
    main()

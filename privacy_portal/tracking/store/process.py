"""The writer's process: `python -m privacy_portal.tracking.store.process PARENT`, with a line to its web process, the
parent, as its standard input.

Reads what has come, writes it as one group, says what became of it, and ends when the web process hangs up. When that
is killed the kernel ends this one, too, and the database rolls back what it had begun: nobody is left to be told.
"""

import os
import socket
import sys

from privacy_portal.child import begin
from privacy_portal.line import framed


def main(parent: int) -> None:
    line = begin(parent)
    os.environ["DJANGO_SETTINGS_MODULE"] = "privacy_portal.writer_settings"
    import django

    django.setup(set_prefix=False)
    with line:
        serve(line)


def serve(line: socket.socket) -> None:
    from django.db import connection

    from privacy_portal.tracking.store.frames import groups
    from privacy_portal.tracking.store.write import written

    for group in groups(line):
        line.sendall(framed(written(group) if group else []))
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A TCP proxy before a server that no test may stop: it passes on, refuses, or accepts and never answers."""

import contextlib
import socket
import threading

from tests.portal import free_port

BLOCK = 65536


class Proxy:
    def __init__(self, host: str, port: int) -> None:
        self.port = free_port()
        self._target = (host, port)
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self.start()

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """As a server that is stopped: its connections end, new ones are refused."""
        _end(self._listener)
        with self._lock:
            for connection in self._open:
                _end(connection)
            self._open.clear()

    def hush(self) -> None:
        """As a server that is frozen: connections are accepted and nothing comes back, until `speak`."""
        self._flows.clear()

    def speak(self) -> None:
        self._flows.set()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target, timeout=10)
            server.settimeout(None)
        except OSError:
            return _end(client)
        with self._lock:
            self._open += [client, server]
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()
        return None

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(BLOCK):
                self._flows.wait()
                sink.sendall(data)
        _end(source)
        _end(sink)


def _end(connection: socket.socket) -> None:
    """Wake who waits on it, in whatever thread, and close it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

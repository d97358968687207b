"""A shop's web site: pages of another origin than the portal's, which carry its tag."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Shop:
    """`head` is what every page has in its head; the address is another site than the portal's 127.0.0.1."""

    port: int
    head: str = ""
    policy: str = ""
    host: str = "localhost"

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"


@contextmanager
def open_shop() -> Iterator[Shop]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (
                f"<!doctype html><html lang=en><head><title>{self.path}</title>{shop.head}</head><h1>Shop</h1>".encode()
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if shop.policy:
                self.send_header("Content-Security-Policy", shop.policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    shop = Shop(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

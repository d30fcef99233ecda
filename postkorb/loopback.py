"""Loopback: the address on this machine to which a browser brings an answer back (RFC 8252, 7.3)."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from urllib.parse import urlsplit

PAGE = (
    b'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Postkorb</title>'
    b"<p>Postkorb has heard the answer. The terminal tells how it went.</p></html>"
)
_LONGEST_SILENCE_SECONDS = 10


class Loopback:
    """Use it as a context manager; `name` is how the browser is told to call this machine.

    Port 0 is any that is free. Raises OSError where the port is taken.
    """

    def __init__(self, port: int = 0, name: str = "127.0.0.1") -> None:
        self._heard: SimpleQueue[str] = SimpleQueue()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self._heard))
        self._server.daemon_threads = True
        self.address = f"http://{name}:{self._server.server_port}"

    def __enter__(self) -> Loopback:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def heard(self, seconds: float) -> str:
        """The next address that a browser was led to; "" where none comes in that time."""
        try:
            return self._heard.get(timeout=seconds)
        except Empty:
            return ""


def _handler(heard: SimpleQueue[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _LONGEST_SILENCE_SECONDS

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != "/" or not parts.query:
                self.send_error(404)
                return
            heard.put(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(PAGE)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *words: object) -> None:
            """Nothing: the address holds the code."""

    return Handler

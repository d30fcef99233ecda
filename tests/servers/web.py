"""A scriptable web server for faults: each path answers what a test told it to, over real HTTP."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer; `cut` promises that many bytes more than it sends, `pieces` replaces the body."""

    status: int = 200
    body: bytes = b""
    type: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    pieces: Iterable[bytes] = ()


@dataclass(frozen=True)
class Request:
    """What the server was asked; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Web:
    """Where `replies[path]` waits; the last reply of a path stays for every further request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.replies: dict[str, list[Reply]] = defaultdict(list)
        self.requests: list[Request] = []
        self.closing = Event()

    def answers(self, path: str, *replies: Reply) -> str:
        """From now on; gives the whole address back."""
        self.replies[path] = list(replies)
        return self.url + path

    def answers_json(self, path: str, *values: Any, status: int = 200) -> str:
        """From now on, each value as JSON."""
        made = [Reply(status, json.dumps(v).encode(), "application/json") for v in values]
        return self.answers(path, *made)

    def drip(self, piece: bytes = b" ", every_seconds: float = 0.02) -> Iterator[bytes]:
        """A body that never ends, until the server is closed."""
        while not self.closing.wait(every_seconds):
            yield piece

    def silence(self) -> Iterator[bytes]:
        """A body that never begins, until the server is closed."""
        self.closing.wait()
        yield b""

    def next_reply(self, request: Request) -> Reply:
        self.requests.append(request)
        waiting = self.replies.get(request.path) or self.replies.get(request.path.split("?")[0])
        if not waiting:
            return Reply(404, b"<h1>Not found</h1>")
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def serving() -> Iterator[Web]:
    """A server on a free port of this machine, closed at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    web = Web(f"http://127.0.0.1:{server.server_port}")
    server.web = web  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        web: Web = self.server.web  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        names = {name.lower(): value for name, value in self.headers.items()}
        self.close_connection = True
        with suppress(OSError):  # the client had enough
            self._answer(web.next_reply(Request(self.command, self.path, names, body)))

    do_POST = do_GET

    def _answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", reply.type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 304 and not reply.pieces:
            self.send_header("Content-Length", str(len(reply.body) + reply.cut))
        self.end_headers()
        for piece in reply.pieces or [reply.body]:
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, *words: Any) -> None:
        """Quiet: a test says itself what went wrong."""

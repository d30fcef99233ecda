"""A mailbox whose password was changed: an IMAP server that refuses every sign-in (RFC 3501)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

ANSWERS = {
    "CAPABILITY": ("* CAPABILITY IMAP4rev1", "OK done"),
    "NOOP": ("", "OK done"),
    "LOGOUT": ("* BYE", "OK done"),
}
REFUSED = ("", "NO [AUTHENTICATIONFAILED] Password was changed on the first of the month.")


@contextmanager
def lost_password(port: int) -> Iterator[None]:
    """Listen on 127.0.0.1 until the end. Raises OSError where the port is taken."""
    with _Server(("127.0.0.1", port), _Refusal) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Refusal(StreamRequestHandler):
    """One connection, until LOGOUT."""

    timeout = 30

    def handle(self) -> None:
        self._say("* OK IMAP4rev1 ready")
        for line in iter(lambda: self.rfile.readline(8192), b""):
            tag, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            command = rest.partition(" ")[0].upper()
            untagged, tagged = ANSWERS.get(command, REFUSED)
            if untagged:
                self._say(untagged)
            self._say(f"{tag} {tagged}")
            if command == "LOGOUT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

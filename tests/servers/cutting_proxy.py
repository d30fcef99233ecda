"""A wire to a server that can be cut, fall silent or spoil bytes, at any place."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType

CHUNK = 65_536


class CuttingProxy:
    """Use it as a context manager; clients connect to `port` instead of the server's own.

    cut_after  bytes that each connection carries, both ways together; None for any number
    is_silent  what is not carried leaves the connection open, with nothing more to be heard
    spoilt     other bytes by their place in what the server says
    carried    bytes that the last connection carried
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut_after: int | None = None
        self.is_silent = False
        self.spoilt: dict[int, int] = {}
        self.carried = 0
        self._open: list[_Wire] = []

    def __enter__(self) -> CuttingProxy:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Every connection there is, now."""
        for wire in self._open:
            wire.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(_Wire(self, client, self._server_port))


class _Wire:
    """One connection, and its other half to the server."""

    def __init__(self, proxy: CuttingProxy, client: socket.socket, server_port: int) -> None:
        self._proxy, self._lock = proxy, Lock()
        self._left, self._is_silent = proxy.cut_after, proxy.is_silent
        self._said = 0
        proxy.carried = 0
        server = socket.create_connection(("127.0.0.1", server_port))
        self._ends = (client, server)
        for source, target in (self._ends, self._ends[::-1]):
            Thread(target=self._carry, args=(source, target), daemon=True).start()

    def close(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while content := self._heard(source):
                with self._lock:
                    allowed = content if self._left is None else content[: self._left]
                    target.sendall(allowed)
                    self._proxy.carried += len(allowed)
                    if self._left is not None:
                        self._left -= len(allowed)
                if len(allowed) < len(content) and self._is_silent:
                    return
                if len(allowed) < len(content):
                    break
        self.close()

    def _heard(self, source: socket.socket) -> bytes:
        content = bytearray(source.recv(CHUNK))
        if source is self._ends[1]:
            for place, byte in self._proxy.spoilt.items():
                if self._said <= place < self._said + len(content):
                    content[place - self._said] = byte
            self._said += len(content)
        return bytes(content)

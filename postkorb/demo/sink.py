"""The sink: a local SMTP server that takes every mail and keeps it as a file; none goes further."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@contextmanager
def sink(folder: Path, port: int, delivered: Callable[[bytes], None]) -> Iterator[None]:
    """Listen on 127.0.0.1 until the end; each mail becomes folder/*.eml and is told to `delivered`.

    Raises OSError where the port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(_Keeper(folder, delivered), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class _Keeper:
    """Keeps what aiosmtpd received."""

    def __init__(self, folder: Path, delivered: Callable[[bytes], None]) -> None:
        self.folder, self.delivered = folder, delivered

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{hashlib.sha256(raw).hexdigest()[:8]}"
        half = self.folder / f".{name}"
        half.write_bytes(raw)
        half.rename(self.folder / f"{name}.eml")
        self.delivered(raw)
        return "250 Kept, and sent nowhere"

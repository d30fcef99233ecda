"""A process that delivers by SMTP and kills itself at a given point: sending.py URL DATA PORT POINT.

Points: "claimed" (claimed, not yet sent), "sent" (taken by the server, not yet written back),
"never".
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import select

from connectors.email.maildir import Maildir
from connectors.email.smtp import Smtp
from crm.channels.channel import Channel
from crm.channels.contract import Outgoing, Receipt, Site
from crm.database import connect
from crm.desk import Desk
from crm.outgoing.deliver import deliver


class Deadly(Maildir):
    point = "never"

    def send(self, outgoing: Outgoing) -> Receipt:
        if self.point == "claimed":
            os.kill(os.getpid(), signal.SIGKILL)
        receipt = super().send(outgoing)
        if self.point == "sent":
            os.kill(os.getpid(), signal.SIGKILL)
        return receipt


def main(url: str, data: str, port: str, point: str) -> None:
    desk = Desk(connect(url), Path(data), b"a secret of the tests")
    smtp = Smtp(host="localhost", port=int(port), tls="none")
    settings = Maildir.Settings(
        path=Path(data), addresses=("support@lindenrad.example",), smtp=smtp
    )
    connector = Deadly(settings, Site("Test"))
    connector.point = point
    with desk.reading() as session:
        number = session.scalar(select(Channel.id))
    assert number is not None
    deliver(desk, number, connector)


if __name__ == "__main__":
    main(*sys.argv[1:])

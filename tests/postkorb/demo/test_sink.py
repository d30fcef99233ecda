"""The sink keeps every mail that is handed to it, whoever it is for."""

from __future__ import annotations

import smtplib

from postkorb.demo.sink import sink


def test_a_mail_to_anybody_is_kept_and_told(tmp_path, free_port):
    told: list[bytes] = []
    with (
        sink(tmp_path / "sent", free_port, told.append),
        smtplib.SMTP("127.0.0.1", free_port) as client,
    ):
        client.sendmail("a@lindenrad.example", ["b@nord.example"], b"Subject: x\r\n\r\nWords\r\n")
    [kept] = (tmp_path / "sent").glob("*.eml")
    assert kept.read_bytes() == told[0] == b"Subject: x\r\n\r\nWords\r\n"

"""Files: given out by their number alone, and never run by a browser."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.channels.contract import Change, File
from crm.conversations.attachment import Attachment
from crm.desk import Desk
from crm.staff.agent import Agent
from tests.inbox.arriving import arrive, mail, picture, post
from tests.inbox.conftest import signed_in


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/pdf", "text/javascript", "nonsense"]
)
def test_what_a_browser_might_run_is_only_downloaded(
    desk: Desk, client: FlaskClient, kind: str
) -> None:
    number = _attached(desk, File("a.html", kind, b"<script>alert(1)</script>"))
    file = client.get(f"/attachments/{number}")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.mimetype == "application/octet-stream"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file.headers["Content-Security-Policy"]


def test_a_picture_is_shown(desk: Desk, client: FlaskClient) -> None:
    number = _attached(desk, File("a.png", "image/png", picture()))
    file = client.get(f"/attachments/{number}")
    assert file.mimetype == "image/png"
    assert file.headers["Content-Disposition"].startswith("inline")
    assert file.data == picture()
    assert file.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"b\r\nX: y.txt', "Übersicht ✓.txt", ""])
def test_a_file_s_name_is_only_a_name(desk: Desk, client: FlaskClient, name: str) -> None:
    number = _attached(desk, File(name, "text/plain", b"words"))
    file = client.get(f"/attachments/{number}")
    assert file.data == b"words"
    assert "X" not in file.headers


def test_the_original_of_a_message_can_be_had(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail())
    original = client.get(f"/messages/{number}/raw")
    assert original.data == b"From: a.brandt@example.org\r\n\r\nraw bytes"
    assert f"message-{number}.eml" in original.headers["Content-Disposition"]


def test_what_is_not_there_is_said_so(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail(raw=b""))
    for path in ("/attachments/4711", "/messages/4711/raw", f"/messages/{number}/raw"):
        assert client.get(path).status_code == 404


def test_a_file_whose_bytes_are_lost_is_said_so(desk: Desk, client: FlaskClient) -> None:
    number = _attached(desk, File("a.txt", "text/plain", b"words"))
    for blob in desk.blobs.rglob("*"):
        if blob.is_file():
            blob.unlink()
    assert client.get(f"/attachments/{number}").status_code == 404


def test_files_of_what_its_author_took_back_are_not_given_out(
    desk: Desk, client: FlaskClient
) -> None:
    first = post(files=(File("a.txt", "text/plain", b"words"),))
    arrive(desk, first, family="community")
    arrive(desk, post(remote_id=first.remote_id, change=Change.DELETED), family="community")
    assert client.get("/attachments/1").status_code == 404


def test_nobody_gets_a_file_without_signing_in(desk: Desk, visitor: FlaskClient) -> None:
    number = _attached(desk, File("a.txt", "text/plain", b"words"))
    assert visitor.get(f"/attachments/{number}").status_code == 302


@pytest.mark.parametrize("name", ["contacts", "activities"])
def test_an_administrator_takes_the_data_out_as_csv(
    desk: Desk, client: FlaskClient, name: str
) -> None:
    arrive(desk, mail())
    file = client.get(f"/export/{name}.csv")
    assert file.mimetype == "text/csv"
    assert "Annegret Brandt" in file.text


@pytest.mark.parametrize("name", ["contacts", "activities"])
def test_an_agent_does_not(app: Flask, mara: Agent, jonas: Agent, name: str) -> None:
    assert signed_in(app, jonas.email).get(f"/export/{name}.csv").status_code == 403


def _attached(desk: Desk, file: File) -> int:
    arrive(desk, mail(files=(file,)))
    with desk.reading() as session:
        return session.scalars(select(Attachment.id).where(Attachment.use == "attached")).one()

"""An agent's own signature."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from crm.desk import Desk
from crm.staff.agent import Agent
from inbox.request import KEY
from tests.inbox.arriving import arrive, conversation_of, mail, send
from tests.inbox.conftest import read, texts


def test_a_signature_is_kept_and_shown_as_it_leaves(
    desk: Desk, client: FlaskClient, mara: Agent
) -> None:
    page = send(client, "/settings/signature", signature="{first_name}\r\n{fax}\r\nBye")
    assert texts(page, ".toast-text") == ["Signature saved"]
    assert texts(page, ".settings-preview") == ["Mara {fax} Bye"]
    assert texts(page, ".settings-unknown") == ["Nothing stands for {fax}: it stays as it is."]
    with desk.reading() as session:
        assert session.get_one(Agent, mara.id).signature == "{first_name}\n{fax}\nBye"


def test_without_ones_own_the_common_one_is_shown(app: Flask, client: FlaskClient) -> None:
    inbox = app.extensions[KEY]
    common = replace(inbox.desk, signature="{agent}, {company}", company={"name": "Lindenrad"})
    app.extensions[KEY] = replace(inbox, desk=common)
    page = client.get("/settings")
    assert texts(page, ".settings-preview") == ["Mara Feldkamp, Lindenrad"]
    assert read(page).css_first("[name=signature]").attributes["placeholder"] == common.signature


def test_a_signature_that_is_a_book_is_refused_and_kept_on_the_page(client: FlaskClient) -> None:
    page = send(client, "/settings/signature", signature="x" * 5001)
    assert page.status_code == 422
    assert texts(page, "#signature .field-error") == ["At most 5,000 characters."]
    assert len(texts(page, "[name=signature]")[0]) == 5001


def test_the_composer_shows_it_folded(desk: Desk, client: FlaskClient) -> None:
    [number] = arrive(desk, mail())
    conversation = conversation_of(desk, number)
    assert texts(client.get(f"/conversations/{conversation}"), ".composer-signature") == []
    send(client, "/settings/signature", signature="{agent}, for {customer}")
    page = client.get(f"/conversations/{conversation}")
    assert texts(page, ".composer-signature div") == ["Mara Feldkamp, for Annegret Brandt"]

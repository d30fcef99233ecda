"""Every mail of the story is read by the Maildir connector as it was meant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.email.maildir import Maildir
from crm.channels.contract import FileUse, Role, Sort
from postkorb.demo import mails, story


@pytest.fixture(scope="module")
def read(tmp_path_factory, site, now):
    """What the connector makes of the Maildir, by the id in the story."""
    path = tmp_path_factory.mktemp("mail")
    mails.lay_out(path, now)
    connector = Maildir(Maildir.Settings(path=path, addresses=(mails.OURS,)), site)
    messages = [m for batch in connector.pull(None, now - timedelta(30)) for m in batch.messages]
    assert len(messages) == len(story.mails())
    return {message.message_id.partition("@")[0]: message for message in messages}


@pytest.mark.parametrize("mail", story.mails(), ids=lambda mail: mail.id)
def test_it_is_read_whole(mail, read, now):
    message = read[mail.id]
    first_words = story.filled(mail.text, now, mail.language).partition("\n")[0]
    assert message.flags == ()
    assert abs(message.at - (now - mail.ago)) < timedelta(seconds=1)
    assert message.text.startswith(first_words)
    assert message.subject == mails.subject(mail)
    assert message.role is (Role.US if mail.by else Role.CUSTOMER)
    assert bool(message.quoted) == mail.quotes


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("akku-1", Sort.CUSTOMER),
        ("hofgut-3", Sort.AUTO_REPLY),
        ("quandt-3", Sort.BOUNCE),
        ("rundbrief", Sort.LIST),
        ("rang-eins", Sort.CUSTOMER),
    ],
)
def test_machines_are_told_from_people(name, sort, read):
    assert read[name].sort is sort


def test_the_bounce_is_about_our_answer(read):
    assert read["quandt-3"].bounced == read["quandt-2"].message_id
    assert read["quandt-3"].reason == "552 5.2.2 Mailbox full"


def test_an_answer_names_all_it_refers_to_the_nearest_first(read):
    assert read["where-5"].mentions == tuple(
        read[name].message_id for name in ("where-4", "where-3", "where-2", "where-1")
    )


def test_files_hang_on_the_mail_and_pictures_stand_in_its_html(read):
    [picture] = read["kratzer"].files
    assert (picture.use, picture.cid) == (FileUse.INLINE, "kratzer.jpg")
    assert 'src="cid:kratzer.jpg"' in read["kratzer"].html
    assert 'src="https://bilder.ostrowski-grafik.example' in read["kratzer"].html
    names = [file.name for file in read["hofgut-4"].files]
    assert names == ["bremse-1.jpg", "bremse-2.jpg", "Rahmennummern.pdf"]


def test_a_long_history_is_quoted_in_the_last_mail(read):
    assert "> > > > I ordered the child seat adapter" in read["where-5"].quoted

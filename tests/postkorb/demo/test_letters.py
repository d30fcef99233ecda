"""Every letter of the story is read by the scan folder as it was meant, slips and all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.post.scan_folder import ScanFolder
from crm.channels.contract import FileUse, IdentityKind
from postkorb.demo import letters, story


@pytest.fixture(scope="module")
def read(tmp_path_factory, site, now):
    """What the connector makes of the scans, by the sender's name."""
    path = tmp_path_factory.mktemp("scans")
    letters.lay_out(path, now)
    ours = (story.firm()["company"], story.firm()["street"])
    connector = ScanFolder(ScanFolder.Settings(folder=path, our_addresses=ours), site)
    batches = connector.pull(None, now - timedelta(30))
    return {message.sender.name: message for batch in batches for message in batch.messages}


@pytest.mark.parametrize("letter", story.letters(), ids=lambda letter: letter.name)
def test_its_sender_date_and_subject_are_found(letter, read, now: datetime):
    message = read[letter.name]
    facts = message.sender.facts
    assert message.flags == ()
    assert message.subject == letter.subject
    assert message.dated.date() == (now - timedelta(letter.date)).date()
    assert facts["street"] == letter.street
    assert facts["city"] in letter.town and facts["postcode"] in letter.town
    assert facts.get("company", "") == letter.company
    assert facts.get("customer_number", "") == letter.customer_number
    assert abs(message.at - (now - letter.ago)) < timedelta(seconds=1)


@pytest.mark.parametrize("letter", story.letters(), ids=lambda letter: letter.name)
def test_its_telephone_and_mail_address_are_named(letter, read):
    named = {address.kind: address.value for address in read[letter.name].sender.named}
    assert named[IdentityKind.PHONE] == letter.phone
    assert named.get(IdentityKind.EMAIL, "") == letter.email


@pytest.mark.parametrize("letter", story.letters(), ids=lambda letter: letter.name)
def test_its_text_has_the_slips_of_an_ocr(letter, read):
    text = " ".join(read[letter.name].text.split())
    assert all(misread in text for _, misread in letter.slips)


def test_the_long_letter_has_two_pages(read):
    pages = [file for file in read["Annegret Brandt"].files if file.use is FileUse.PAGE]
    assert len(pages) == 2

"""The story holds together: who is answered, what hangs on a mail, what an act is about."""

from __future__ import annotations

import re

import pytest

from postkorb.demo import story
from postkorb.demo.papers import paper


def test_mails_answer_only_what_came_before():
    told: dict[str, story.Mail] = {}
    for mail in story.mails():
        assert not mail.answers or mail.answers in told
        assert not mail.answers or told[mail.answers].ago > mail.ago
        told[mail.id] = mail


def test_no_conversation_begins_with_the_subject_of_another():
    begun = [mail.subject for mail in story.mails() if not mail.answers]
    begun += [letter.subject for letter in story.letters()]
    begun += [topic.title for topic in story.topics()]
    begun += [entry.title for entry in story.entries()]
    assert len(begun) == len(set(begun))


def test_nobody_in_it_can_be_reached():
    told = "".join(
        path.read_text("utf-8") for path in story.STORY.iterdir() if path.suffix == ".toml"
    )
    domains = set(re.findall(r"[\w.-]+@([\w.-]+)", told)) | set(re.findall(r"//([\w.-]+)", told))
    assert not [domain for domain in domains if not domain.endswith(".example")]
    assert not [
        code for code in re.findall(r"\b\d{5}(?= [A-Z])", told) if not code.startswith("9999")
    ]


@pytest.mark.parametrize(
    "name", sorted({name for mail in story.mails() for name in (*mail.files, *mail.inline)})
)
def test_what_hangs_on_a_mail_can_be_drawn(name):
    drawn = paper(name)
    magic = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff"}[drawn.type]
    assert drawn.content.startswith(magic)


def test_agents_who_act_are_agents_of_the_firm():
    names = {agent.name for agent in story.agents()}
    acting = {act.assign for act in story.acts()} | {act.note_by for act in story.acts()}
    acting |= {mail.by for mail in story.mails()} | {pair.by for pair in story.joined()}
    assert acting - {""} == names

"""What an answer of ours looks like on the wire, and that no input can bend it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.email.read import read_mail
from connectors.email.write import each_once, subject_of, write_mail
from connectors.email.written import one_line
from crm.channels.contract import (
    Address,
    File,
    IdentityKind,
    Outgoing,
    Past,
    Recipient,
    Rejected,
    Role,
)

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OURS = "support@example.org"


def to(address="anna@example.com", name="Anna Müller", way="to"):
    return Recipient(Address(IdentityKind.EMAIL, address), name, way)


def outgoing(**changes):
    given_ = {
        "key": "17.abc@example.org",
        "at": AT,
        "recipients": (to(),),
        "subject": "Kaffeemaschine tropft",
        "text": "Guten Tag,\n\ndas tut uns leid.\n",
        "sender_name": "Kaffeehaus",
        "reference": "[PK-1042-K7]",
        "reply_to": "support+1042.abcdefgh12345678@example.org",
        "answers": "question@example.com",
        "mentions": ("second@example.com", "first@example.com"),
    }
    return Outgoing(**(given_ | changes))


def written(**changes):
    return message_from_bytes(write_mail(outgoing(**changes), OURS), policy=policy.default)


def test_it_names_what_it_answers_and_where_answers_go():
    mail = written()
    assert mail["Message-ID"] == "<17.abc@example.org>"
    assert mail["In-Reply-To"] == "<question@example.com>"
    assert mail["References"] == ("<first@example.com> <second@example.com> <question@example.com>")
    assert mail["Reply-To"] == "Kaffeehaus <support+1042.abcdefgh12345678@example.org>"
    assert mail["From"] == "Kaffeehaus <support@example.org>"
    assert mail["To"] == "Anna Müller <anna@example.com>"
    assert mail["Date"].datetime == AT
    assert mail["Auto-Submitted"] is None


@pytest.mark.parametrize(
    ("subject", "answers", "shown"),
    [
        ("Frage", "a@b.example", "Re: Frage [PK-1042-K7]"),
        ("AW: Frage", "a@b.example", "AW: Frage [PK-1042-K7]"),
        ("Re: Frage [PK-1042-K7]", "a@b.example", "Re: Frage [PK-1042-K7]"),
        ("Reklamation", "a@b.example", "Re: Reklamation [PK-1042-K7]"),
        ("Ihr Brief", "", "Ihr Brief [PK-1042-K7]"),
        ("", "", "[PK-1042-K7]"),
    ],
)
def test_the_subject_bears_prefix_and_reference_once(subject, answers, shown):
    assert subject_of(outgoing(subject=subject, answers=answers)) == shown


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Frage", "Fwd: Frage [PK-1042-K7]"),
        ("Re: AW: Frage [PK-1042-K7]", "Fwd: Frage [PK-1042-K7]"),
        ("WG: Frage", "WG: Frage [PK-1042-K7]"),
        ("Re: TR : Frage", "TR : Frage [PK-1042-K7]"),
        ("", "Fwd: [PK-1042-K7]"),
    ],
)
def test_the_subject_of_what_is_passed_on_says_so_once(subject, shown):
    assert subject_of(outgoing(subject=subject, forwards=True)) == shown


def test_what_is_passed_on_answers_nothing_and_leads_back_by_its_reply_address():
    mail = written(forwards=True)
    assert (mail["In-Reply-To"], mail["References"]) == (None, None)
    assert "support+1042." in mail["Reply-To"]


def test_what_nobody_typed_says_so_to_every_kind_of_machine():
    mail = written(automatic=True)
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


def test_what_somebody_typed_bears_no_mark_of_a_machine_or_a_list():
    names = {name.lower() for name in written()}
    assert not {name for name in names if name.startswith(("auto-", "x-auto", "list-", "preced"))}


def test_text_and_html_are_alternatives_in_the_language_of_the_answer():
    mail = written(language="de")
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert '<html lang="de">' in mail.get_body(["html"]).get_content()


def test_signature_and_history_stand_below_the_text_in_both_forms():
    mail = written(
        text="Gern.\n", signature="Mara\n", history=(Past(AT, "Anna Berg", "Sie tropft."),)
    )
    assert mail.get_body(["plain"]).get_content().splitlines() == [
        "Gern.", "", "-- ", "Mara", "", "On 1 March 2026 at 12:00, Anna Berg wrote:", "> Sie tropft.",
    ]  # fmt: skip
    page = mail.get_body(["html"]).get_content()
    assert (
        page.index("Gern.") < page.index("Mara") < page.index("wrote:") < page.index("Sie tropft")
    )


def test_each_part_of_an_answer_that_comes_back_is_told_apart():
    raw = write_mail(
        outgoing(
            text="Gern.",
            language="de",
            signature="Mara\nKaffeehaus",
            history=(Past(AT, "Anna", "Eins.\n\nZwei."), Past(AT, "Wir", "Drei.")),
        ),
        OURS,
        quote="all",
        zone=ZoneInfo("Europe/Berlin"),
    )
    echo = read_mail(raw, "1:1", AT, [OURS])
    assert (echo.text, echo.signature) == ("Gern.", "-- \nMara\nKaffeehaus")
    assert echo.quoted.startswith("Am 1. März 2026 um 13:00 schrieb Anna:\n> Eins.")
    assert echo.quoted.endswith("> Drei.")


def test_a_message_passed_on_goes_in_words_and_whole():
    original = b"From: Anna <anna@example.com>\r\nSubject: Maschine\r\n\r\nSie tropft.\r\n"
    raw = write_mail(
        outgoing(
            text="Bitte sehen.", forwards=True, files=(File("a.eml", "message/rfc822", original),)
        ),
        OURS,
    )
    mail = read_mail(raw, "1:1", AT)
    assert "From: Anna <anna@example.com>\nSubject: Maschine\n\nSie tropft." in (
        f"{mail.text}\n{mail.quoted}"
    )
    assert mail.files[0].content == original


def test_who_is_named_twice_is_written_to_once_in_the_open():
    people = (to("b@x.example", way="bcc"), to(way="cc"), to("ANNA@example.com"), to(way="bcc"))
    mail = written(recipients=people)
    assert (mail["To"], mail["Cc"]) == ("Anna Müller <ANNA@example.com>", None)
    assert [one.way for one in each_once(people)] == ["to", "bcc"]


@pytest.mark.parametrize(
    ("way", "to_", "cc"),
    [("cc", None, "Anna Müller <anna@example.com>"), ("bcc", "undisclosed-recipients:;", None)],
)
def test_a_mail_need_not_go_to_anybody_directly(way, to_, cc):
    mail = written(recipients=(to(way=way),))
    assert (mail["To"], mail["Cc"]) == (to_, cc)
    assert b"\r\n\r\n" in write_mail(outgoing(recipients=(to(way=way),)), OURS)


def test_hidden_recipients_stand_in_no_header():
    assert b"hidden@example.com" not in write_mail(
        outgoing(recipients=(to(), to("hidden@example.com", way="bcc"))), OURS
    )


def test_files_keep_their_names_and_bytes():
    content = bytes(range(256))
    mail = written(files=(File("Rechnung für März.pdf", "application/pdf", content),))
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Rechnung für März.pdf", content)


def test_long_ids_are_folded_and_never_encoded():
    ids = tuple(f"{number}.{'x' * 150}@example.com" for number in range(40))
    raw = write_mail(outgoing(mentions=ids), OURS)
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"=?" not in head.partition(b"References:")[2].partition(b"Reply-To")[0]
    assert max(map(len, head.split(b"\r\n"))) < 998


def test_a_domain_with_umlauts_travels_in_ascii():
    assert b"anna@xn--mller-kva.example" in write_mail(
        outgoing(recipients=(to("anna@müller.example"),)), OURS
    )


def test_a_local_part_with_umlauts_makes_a_mail_in_utf_8():
    assert "jürgen@example.com".encode() in write_mail(
        outgoing(recipients=(to("jürgen@example.com"),)), OURS
    )


@pytest.mark.parametrize("address", ["", "anna", "anna@", "a b@example.com", "a@b.c\r\nBcc: x@y.z"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Rejected):
        write_mail(outgoing(recipients=(to(address),)), OURS)


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_typed_can_add_a_header(subject, name, reference, file_name):
    raw = write_mail(
        outgoing(
            subject=subject,
            recipients=(to(name=name),),
            reference=reference,
            files=(File(file_name, "text/plain", b"x"), File(subject, name, b"x")),
        ),
        OURS,
    )
    names = {line.partition(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    assert {one for one in names if not one.startswith((b" ", b"\t"))} == {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References",
        b"Reply-To", b"User-Agent", b"MIME-Version", b"Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize("trick", ["x\r\nBcc: evil@example.com", "=?utf-8?q?a=0D=0ABcc:_e=40x?="])
def test_a_known_trick_adds_no_header(trick):
    assert written(subject=trick, recipients=(to(name=trick),))["Bcc"] is None


@pytest.mark.parametrize(
    "name",
    [
        "Anna Müller",
        "O'Neill, Tom (Sales)",
        'Anna "Anni" Berg',
        "back\\slash",
        "Doña María del Carmen Fernández-Villaverde y Gutiérrez de la Concha",
        "株式会社コーヒーハウス サポート担当 山田太郎様",
        "x" * 180,
        "a@b.example",
    ],
)
def test_a_name_arrives_as_it_is_and_takes_nobody_with_it(name):
    recipients = (to(name=name), to("tom@example.com", name), to("eva@example.com", name, "cc"))
    mail = read_mail(write_mail(outgoing(recipients=recipients), OURS), "1:1", AT)
    assert mail.recipients == recipients


@pytest.mark.parametrize("subject", ["x" * 3000, "x y" * 500, "ü" * 500, "日本語 " * 50 + "ende"])
def test_a_long_subject_arrives_whole(subject):
    raw = write_mail(outgoing(subject=subject, answers="", reference=""), OURS)
    assert read_mail(raw, "1:1", AT).subject == subject
    assert max(map(len, raw.split(b"\r\n"))) < 998


@pytest.mark.parametrize("typed", ["a\x00b\x1bc\x7fd", "ü\x1b\udce4c"])
def test_no_control_character_and_no_half_letter_leaves(typed):
    raw = write_mail(outgoing(subject=typed, recipients=(to(name=typed),)), OURS)
    mail = read_mail(raw, "1:1", AT)
    shown = f"{mail.subject}{mail.recipients[0].name}"
    assert shown.isprintable()
    assert set(raw.partition(b"\r\n\r\n")[0]) & {0, 0x1B, 0x7F} == set()


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r")))
def test_the_text_arrives_as_it_was_typed(text):
    mail = message_from_bytes(write_mail(outgoing(text=text), OURS), policy=policy.default)
    assert mail.get_body(["plain"]).get_content().split() == text.split()


def test_our_own_mail_coming_back_is_known_as_ours():
    echo = read_mail(write_mail(outgoing(), OURS), "1:1", AT, [OURS])
    assert (echo.role, echo.key) == (Role.US, "17.abc@example.org")
    assert echo.mentions[0] == "question@example.com"


NAME = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=60)
LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-_+", min_size=1, max_size=40).map(
    lambda local: f"a{local.replace('..', '.').strip('.')}b"
)


def _joined(name):
    return "".join(one_line(name).split())


@settings(max_examples=60, deadline=None)
@given(
    NAME,
    st.lists(st.tuples(NAME, LOCAL, st.sampled_from(["to", "cc"])), min_size=1, max_size=5),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300),
)
def test_who_it_goes_to_and_what_it_is_about_arrive(subject, people, text):
    recipients = tuple(to(f"{local}@example.com", name, way) for name, local, way in people)
    raw = write_mail(outgoing(subject=subject, recipients=recipients, text=text), OURS)
    mail, plain = read_mail(raw, "1:1", AT), message_from_bytes(raw, policy=policy.default)
    sent = [(one.address.value, one.way) for one in each_once(recipients)]
    assert [(one.address.value, one.way) for one in mail.recipients] == sent
    boxes = [*(plain["To"].addresses if plain["To"] else ())]
    boxes += [*(plain["Cc"].addresses if plain["Cc"] else ())]
    # The library reads a blank between two encoded words of a name (RFC 2047, 6.2 says none).
    assert [(_joined(one.display_name), one.addr_spec) for one in boxes] == [
        (_joined(one.name), one.address.value) for one in each_once(recipients)
    ]
    assert (
        mail.subject == " ".join(plain["Subject"].split()) == subject_of(outgoing(subject=subject))
    )
    assert plain.get_body(["plain"]).get_content().split() == text.split()

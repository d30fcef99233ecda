"""Whatever a source delivers is stored, on both databases, and never stops the pull."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm.base import now
from crm.channels.contract import (
    FACTS,
    Address,
    Change,
    File,
    FileUse,
    IdentityKind,
    Incoming,
    Person,
    ReadField,
    Recipient,
    Role,
    Sort,
    Visibility,
)
from crm.conversations.attachment import Attachment
from crm.conversations.conversation import Status
from crm.conversations.message import Message
from crm.conversations.timeline import thread
from crm.intake import store
from crm.search.query import search
from tests.crm.conftest import Mailbox, mail

HUGE = "x" * 100_000
NUL = "a\0b\ud800c"

_words = st.one_of(
    st.text(st.characters(), max_size=30),
    st.sampled_from(["", NUL, HUGE, "\0", "\ud800", "\r\n", "<a@b>", "a@b.org", "ß\u202e"]),
)
_times = st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=14))]))  # type: ignore[arg-type]
_numbers = st.floats(allow_nan=True, allow_infinity=True)
_addresses = st.builds(Address, st.sampled_from(IdentityKind), _words, _words)
_people = st.builds(
    Person,
    _words,
    st.none() | _addresses,
    st.lists(_addresses, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from((*FACTS, "odd")), _words, max_size=4),
)
_files = st.builds(File, _words, _words, st.binary(max_size=20), st.sampled_from(FileUse), _words)
_fields = st.builds(
    ReadField,
    _words,
    _words,
    _numbers,
    st.integers(),
    st.none() | st.tuples(_numbers, _numbers, _numbers, _numbers),
)
_odd = st.builds(
    Incoming,
    remote_id=_words,
    at=_times,
    sender=_people,
    change=st.sampled_from(Change),
    role=st.sampled_from(Role),
    sort=st.sampled_from(Sort),
    visibility=st.sampled_from(Visibility),
    remote_thread=_words,
    permalink=_words,
    dated=st.none() | _times,
    recipients=st.lists(
        st.builds(Recipient, _addresses, _words, st.sampled_from(["to", "cc"])), max_size=3
    ).map(tuple),
    reply_to=st.none() | _addresses,
    subject=_words,
    text=_words,
    quoted=_words,
    signature=_words,
    html=_words,
    files=st.lists(_files, max_size=2).map(tuple),
    fields=st.lists(_fields, max_size=2).map(tuple),
    message_id=_words,
    mentions=st.lists(_words, max_size=3).map(tuple),
    reference=_words,
    key=_words,
    bounced=_words,
    reason=_words,
    raw=st.binary(max_size=20),
    raw_type=_words,
    flags=st.lists(_words, max_size=2).map(tuple),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(batch=st.lists(_odd, max_size=4))
def test_any_message_is_stored_as_what_it_is(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture, batch: list[Incoming]
) -> None:
    before = {message.id for message in mailbox.messages()}
    mailbox.receives(*batch)
    fresh = [message for message in mailbox.messages() if message.id not in before]
    assert caplog.records == [], "nothing had to be rescued"
    for message in fresh:
        mailbox.look(lambda s, number=message.conversation_id: thread(s, number))


@pytest.mark.parametrize("odd", [HUGE, "\0" + HUGE, HUGE + "\ud800"])
def test_ids_however_long_or_damaged_stay_apart_and_are_known_again(
    mailbox: Mailbox, odd: str
) -> None:
    pair = [
        mail(remote_id=odd + end, remote_thread=odd + end, message_id=odd + end) for end in "12"
    ]
    assert mailbox.receives(*pair) == 2
    assert mailbox.receives(*pair) == 0
    assert len(mailbox.conversations()) == 2


def test_messages_without_an_id_are_all_kept_and_known_again(mailbox: Mailbox) -> None:
    pair = [mail(remote_id="", raw=b"one"), mail(remote_id="", raw=b"two")]
    assert mailbox.receives(*pair) == 2
    assert mailbox.receives(*pair) == 0


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1999, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(2020, 1, 1),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_a_wrong_clock_stops_nothing_and_nobody_waits_since_tomorrow(
    mailbox: Mailbox, at: datetime
) -> None:
    mailbox.receives(mail(at=at, dated=at))
    assert datetime(2000, 1, 1, tzinfo=UTC) <= mailbox.messages()[0].at <= now()


def test_a_thousand_recipients_and_mentions_and_files_are_kept(mailbox: Mailbox) -> None:
    mailbox.receives(
        mail(
            recipients=tuple(
                Recipient(Address(IdentityKind.EMAIL, f"r{n}@x.org"), HUGE) for n in range(1000)
            ),
            mentions=tuple(f"m{n}@x.org" for n in range(1000)),
            files=tuple(File(f"{n}.txt", "text/plain", b"%d" % n) for n in range(1000)),
        )
    )
    assert len(mailbox.messages()[0].recipients) == 1000
    assert mailbox.look(lambda s: s.scalar(select(func.count()).select_from(Attachment))) == 1000


def test_a_text_of_nothing_but_rare_words_is_stored_and_searched(mailbox: Mailbox) -> None:
    """PostgreSQL refuses a search vector of more than a megabyte."""
    rare = " ".join(chr(0x20000 + number) for number in range(40_000))
    mailbox.receives(mail(subject=rare, text=rare, signature=rare))
    assert mailbox.look(lambda s: search(s, chr(0x20000))).conversation_ids == [1]


def test_a_long_question_finds_nothing_and_breaks_nothing(mailbox: Mailbox) -> None:
    mailbox.receives(mail())
    assert mailbox.look(lambda s: search(s, HUGE)).conversation_ids == []


def test_what_defeats_every_reader_is_kept_as_it_came_and_the_rest_goes_on(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = store.add_to_index

    def refuse(session, placed):  # type: ignore[no-untyped-def]
        if any("poison" in item.one.text for item in placed):
            raise ValueError("a message that defeats us")
        index(session, placed)

    monkeypatch.setattr(store, "add_to_index", refuse)
    assert mailbox.receives(mail(), mail(text="poison", raw=b"as it came"), mail()) == 3
    kept = next(message for message in mailbox.messages() if "unparsable" in message.flags)
    assert (kept.text, bool(kept.raw_sha256)) == ("", True)
    assert [one.status for one in mailbox.conversations()] == [Status.OPEN] * 3
    assert mailbox.channel().cursor is not None


def test_an_edit_and_a_deletion_of_one_batch_are_heard(mailbox: Mailbox) -> None:
    mailbox.receives(
        mail(remote_id="p", text="before"),
        mail(remote_id="p", text="after", change=Change.EDITED),
        mail(remote_id="q"),
        mail(remote_id="q", change=Change.DELETED),
    )
    assert [message.text for message in mailbox.messages()] == ["after"]


def test_a_deleted_message_that_is_there_again_is_shown_again(mailbox: Mailbox) -> None:
    for change in (Change.NEW, Change.DELETED, Change.EDITED):
        mailbox.receives(mail(remote_id="p", change=change))
    assert mailbox.look(lambda s: s.scalars(select(Message.withheld_at)).all()) == [None]

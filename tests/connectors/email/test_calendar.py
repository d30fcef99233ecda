"""Invitations are shown as such; a broken calendar is just a file."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.calendar import read_invitation
from connectors.email.read import read_mail

AT = datetime(2026, 3, 1, tzinfo=UTC)
SLOW_SECONDS = 5.0
HOME_MADE = """BEGIN:VTIMEZONE
TZID:Unser Büro
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*lines, method="REQUEST", zone=""):
    told = f"METHOD:{method}\n" if method else ""
    entry = "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{told}{zone}{entry}\nEND:VCALENDAR\n".encode()


def test_an_invitation_tells_what_when_where_and_by_whom():
    found = read_invitation(
        calendar(
            "SUMMARY:Abnahme\\, zweiter\n  Versuch",
            "DTSTART:20260701T080000Z",
            "DTEND:20260701T090000Z",
            "LOCATION:Werk 2",
            'ORGANIZER;CN="Bauer, Jan":mailto:jan@example.net',
            "RRULE:FREQ=WEEKLY;COUNT=4",
        )
    )
    assert found is not None
    assert (found.method, found.summary, found.place) == (
        "request",
        "Abnahme, zweiter Versuch",
        "Werk 2",
    )
    assert (found.starts, found.ends) == (
        datetime(2026, 7, 1, 8, tzinfo=UTC),
        datetime(2026, 7, 1, 9, tzinfo=UTC),
    )
    assert (found.organiser, found.repeats, found.all_day) == ("Bauer, Jan", True, False)


@pytest.mark.parametrize(
    ("start", "utc"),
    [
        ("DTSTART:20260701T080000Z", 8),
        ("DTSTART;TZID=Europe/Berlin:20260701T100000", 8),
        ("DTSTART;TZID=W. Europe Standard Time:20260701T100000", 8),
        ("DTSTART;TZID=Unser Büro:20260701T100000", 8),
        ("DTSTART;TZID=Unser Büro:20260101T100000", 9),
        ("DTSTART;TZID=Nirgendwo:20260701T100000", 10),
        ("DTSTART:20260701T100000", 10),
    ],
)
def test_its_time_is_utc_wherever_it_was_made(start, utc):
    found = read_invitation(calendar(start, zone=HOME_MADE))
    assert found is not None
    assert found.starts is not None
    assert found.starts.hour == utc


def test_a_home_made_zone_of_one_mail_is_not_the_next_mails():
    other = HOME_MADE.replace("+0100", "+0500").replace("+0200", "+0500")
    start = "DTSTART;TZID=Unser Büro:20260701T100000"
    found = [read_invitation(calendar(start, zone=zone)) for zone in (other, HOME_MADE, "")]
    assert [one.starts.hour for one in found if one and one.starts] == [5, 8, 10]


def test_days_are_days():
    found = read_invitation(calendar("DTSTART;VALUE=DATE:20260701", "DURATION:P2D"))
    assert found is not None
    assert (found.all_day, found.starts, found.ends) == (
        True,
        datetime(2026, 7, 1, tzinfo=UTC),
        datetime(2026, 7, 3, tzinfo=UTC),
    )


def test_a_reply_tells_its_answer():
    attendee = "ATTENDEE;PARTSTAT=DECLINED;CN=Anna:mailto:anna@example.org"
    found = read_invitation(calendar("DTSTART:20260701T080000Z", attendee, method="REPLY"))
    assert found is not None
    assert (found.method, found.answer) == ("reply", "declined")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"BEGIN:VCALENDAR",
        b"no calendar at all",
        calendar(method=""),
        calendar("DTSTART:yesterday"),
        calendar("DTSTART;TZID=\x00:2026"),
        b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n",
    ],
)
def test_a_broken_calendar_invites_to_nothing(content):
    found = read_invitation(content)
    assert found is None or found.starts is None


def mail(content, **how):
    message = EmailMessage()
    message["From"] = "jan@example.net"
    message.set_content("Siehe Anhang.")
    if how:
        message.add_attachment(content, "application", "octet-stream", **how)
    else:
        message.add_alternative(content.decode(), subtype="calendar", params={"method": "REQUEST"})
    return read_mail(message.as_bytes(), "1", AT)


def test_an_invitation_among_the_alternatives_is_shown_and_kept():
    read = mail(calendar("SUMMARY:Abnahme", "DTSTART:20260701T080000Z"))
    assert (read.text, read.invitation and read.invitation.summary) == ("Siehe Anhang.", "Abnahme")
    assert [(file.name, file.type) for file in read.files] == [("part-1.ics", "text/calendar")]


def test_an_attached_calendar_with_a_method_is_an_invitation():
    read = mail(calendar("SUMMARY:Abnahme", "DTSTART:20260701T080000Z"), filename="Termin.ICS")
    assert read.invitation is not None
    assert [file.name for file in read.files] == ["Termin.ICS"]


def test_an_attached_calendar_without_a_method_is_a_file():
    read = mail(
        calendar("SUMMARY:Abnahme", "DTSTART:20260701T080000Z", method=""), filename="a.ics"
    )
    assert (read.invitation, [file.name for file in read.files]) == (None, ["a.ics"])


EACH_SECOND = HOME_MADE.replace("FREQ=YEARLY", "FREQ=SECONDLY")
BUSY_YEAR = HOME_MADE.replace("BYMONTH=10", "BYHOUR=1,2,3,4;BYMINUTE=1,2,3,4,5,6;BYSECOND=1,2,3,4")
START = "DTSTART;TZID=Unser Büro:20260701T100000"


@pytest.mark.parametrize(
    "content",
    [
        calendar(START, zone=EACH_SECOND),
        calendar(START, zone=BUSY_YEAR),
        calendar(START, zone=HOME_MADE * 2000),
        calendar(START, *["ATTENDEE:mailto:a@example.org"] * 30_000),
        calendar(START, "SUMMARY:" + "x" * 900_000),
        calendar(START, *["X:y\n "] * 200_000),
        b"BEGIN:VCALENDAR\n" * 60_000,
        calendar(START, "RRULE:FREQ=SECONDLY"),
    ],
    ids=range(8),
)
def test_no_calendar_takes_long(content):
    began = time.process_time()
    read_invitation(content, "publish")
    assert time.process_time() - began < SLOW_SECONDS


@given(
    st.lists(
        st.sampled_from([*HOME_MADE.splitlines(), START, "BEGIN:VEVENT", "END:VEVENT", "METHOD:X"])
        | st.text(max_size=30)
    )
)
def test_nothing_raises(lines):
    read_invitation("\n".join(["BEGIN:VCALENDAR", *lines]).encode(), "publish")

"""What the documentation promises is there."""

from __future__ import annotations

import re
from pathlib import Path

HOUSE = Path(__file__).parents[1]


def test_each_promise_that_the_page_on_hard_mail_names_is_kept_by_a_test():
    named = set(re.findall(r"`(test_\w+)`", (HOUSE / "docs/mail.md").read_text("utf-8")))
    kept = {
        name
        for path in (HOUSE / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named - kept == set()
    assert len(named) >= 20

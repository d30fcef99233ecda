"""A list reads its index in order, however many conversations there are.

Asked of SQLite only: a nearly empty PostgreSQL reads the table whatever indexes there are.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from crm.conversations.tray import View, page
from tests.crm.conftest import Mailbox


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("after", ["", "0_2026-11-24T08:00:00+00:00_7"])
def test_no_list_is_sorted_when_it_is_asked_for(mailbox: Mailbox, view: View, after: str) -> None:
    asked: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(mailbox.desk.engine, "before_cursor_execute", remember)
    with mailbox.desk.reading() as session:
        page(session, view, mailbox.agent_id, after=after)
        statement, values = next(one for one in asked if "conversation.place" in one[0])
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = " | ".join(row[-1] for row in plan)
    assert "USING INDEX ix_conversation" in steps
    assert "TEMP B-TREE" not in steps

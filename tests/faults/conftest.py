"""The mailbox of the customer database's tests."""

from __future__ import annotations

from tests.crm.conftest import mailbox

__all__ = ["mailbox"]

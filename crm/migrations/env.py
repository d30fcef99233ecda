"""How Alembic reaches the database: by the connection that `crm.schema` hands over."""

from __future__ import annotations

from alembic import context

from crm.schema import metadata

SEARCH = "search"


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The search index is made by crm/search/index; its shadow tables are SQLite's own."""
    return kind != "table" or name is None or not name.startswith(SEARCH)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=_is_ours,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

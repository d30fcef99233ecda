"""Mail in full: verdicts, invitations, copies, forwards, signatures, kept secrets."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.base import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "channel_secret",
        sa.Column("channel_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_channel_secret_channel_id")
        ),
        sa.PrimaryKeyConstraint("channel_id", "name", name=op.f("pk_channel_secret")),
    )
    op.add_column("message", sa.Column("verdicts", _JSON, nullable=False, server_default="{}"))
    op.add_column("message", sa.Column("invitation", _JSON, nullable=True))
    op.add_column(
        "attachment", sa.Column("damaged", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("identity", sa.Column("pictures_at", UtcTime(), nullable=True))
    op.add_column("agent", sa.Column("signature", sa.Text(), nullable=False, server_default=""))
    op.add_column("draft", sa.Column("recipients", _JSON, nullable=False, server_default="[]"))
    for table in ("draft", "outgoing"):
        op.add_column(
            table,
            sa.Column("from_address", sa.String(length=320), nullable=False, server_default=""),
        )
        # Said in SQL, as both databases understand it: a batch would make the table anew on SQLite,
        # and dropping the old one takes along what hangs on it (ON DELETE CASCADE).
        kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN forwards_id {kind}"
            f" CONSTRAINT fk_{table}_forwards_id REFERENCES message (id)"
        )
    _name_mailboxes_without_folder()


def _name_mailboxes_without_folder() -> None:
    """A mailbox was USER@HOST/FOLDER; now that it may have several folders, it is USER@HOST.

    The ids of mails tell the folder instead, unless it is the inbox: a mailbox that is read again
    from some day on would else bring them all once more.
    """
    channel = sa.table("channel", sa.column("id"), sa.column("kind"), sa.column("remote_account"))
    message = sa.table("message", sa.column("channel_id"), sa.column("remote_id", sa.String))
    bind = op.get_bind()
    for number, _, account in bind.execute(
        sa.select(channel).where(channel.c.kind == "imap")
    ).all():
        named = re.fullmatch(r"(.*?@[^@/]+)/(.*)", account, re.DOTALL)
        if not named:
            continue
        changed = channel.update().where(channel.c.id == number)
        bind.execute(changed.values(remote_account=named[1]))
        if named[2].upper() != "INBOX":
            told = message.update().where(
                message.c.channel_id == number, message.c.remote_id.is_not(None)
            )
            bind.execute(told.values(remote_id=message.c.remote_id + f":{named[2]}"))


def downgrade() -> None:
    raise NotImplementedError("a database goes forwards only; restore the backup instead")

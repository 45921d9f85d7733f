"""Outages, the posts about them, and the subscribers to notify when the service is back.

Revision: 0003
Revises: 0002
Why: an outage's state and its messages are written in one transaction, so that a crash
neither loses nor doubles an announcement.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_SMALL_ID = sa.SmallInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "watch",
        sa.Column("service_id", _SMALL_ID, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("service_id", name="pk_watch"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_watch_service_id"),
    )
    op.create_table(
        "outage",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("service_id", _SMALL_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outage"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_outage_service_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outage_began", "outage", ["began"])
    op.create_table(
        "post",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("outage_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("people", sa.Text, nullable=False),
        sa.Column("attempted", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("pinged", sa.Boolean, nullable=False),
        sa.Column("reminded", sa.BigInteger),
        sa.Column("lost", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"], name="fk_post_outage_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_post_outage_id", "post", ["outage_id"])
    op.create_table(
        "subscriber",
        sa.Column("service_id", _SMALL_ID, nullable=False),
        sa.Column("scope", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("service_id", "scope", "user_id", name="pk_subscriber"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_subscriber_service_id"),
    )

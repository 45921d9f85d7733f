"""The first schema: services, reports, hour counts, settings, opt-outs, auto-replies, facts.

Revision: 0001
Revises: nothing
Why: reports are an append-only log with one index; see `bot/storage/tables.py`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "service",
        sa.Column("id", sa.SmallInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "report",
        sa.Column("id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("service_id", sa.SmallInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("reporter", sa.BigInteger, nullable=False),
        sa.Column("symptom", sa.String(32)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_report_service_id"),
    )
    op.create_index("ix_report_at", "report", ["at"])
    op.create_table(
        "hour_count",
        sa.Column("service_id", sa.SmallInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("reports", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("service_id", "hour", name="pk_hour_count"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_hour_count_service_id"),
    )
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guild_settings"),
    )
    op.create_table(
        "settings_change",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("moderator_id", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_settings_change"),
    )
    op.create_index("ix_settings_change_guild_id", "settings_change", ["guild_id"])
    op.create_table(
        "opt_out",
        sa.Column("reporter", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("reporter", name="pk_opt_out"),
    )
    op.create_table(
        "auto_reply",
        sa.Column("message_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("service_id", sa.SmallInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_auto_reply"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_auto_reply_service_id"),
    )
    op.create_index("ix_auto_reply_at", "auto_reply", ["at"])
    op.create_table(
        "meta",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )

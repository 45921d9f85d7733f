"""Servers that removed the bot, and when: their data is purged after a grace period.

Revision: 0004
Revises: 0003
Why: settings of a server that removed the bot are no longer needed; admins who invite it back within days find them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "removed_server",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_removed_server"),
    )

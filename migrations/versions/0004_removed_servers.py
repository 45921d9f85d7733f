"""Servers that removed the bot, and when: what is kept of them is purged after a grace time.

Revision: 0004
Revises: 0003
Why: settings of a server that is gone for good are nobody's any more; admins who invite us back within days find them.
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

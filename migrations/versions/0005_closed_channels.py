"""Channels in which Discord does not let us write.

Revision: 0005
Revises: 0004
Why: nothing is sent there until something changes, and moderators are notified once, even after a restart.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "closed_channel",
        sa.Column("channel_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Integer, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name="pk_closed_channel"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("closed_channel")

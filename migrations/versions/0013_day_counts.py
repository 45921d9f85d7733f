"""All counts by server and day in one table: unknown trouble, and now also replies and wrong replies.

Revision: 0013
Revises: 0012
Why: moderators get a card about the last week. Counts only, without people.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the new table, copy the counts of unknown trouble, and drop their old table."""
    _make("day_count", "what")
    op.execute("INSERT INTO day_count (guild_id, what, day, times) SELECT guild_id, how, day, times FROM unknown_count")
    op.drop_table("unknown_count")


def downgrade() -> None:
    """Keep only the counts of unknown trouble, in their old table."""
    _make("unknown_count", "how")
    op.execute(
        "INSERT INTO unknown_count (guild_id, how, day, times) SELECT guild_id, what, day, times FROM day_count "
        "WHERE what IN ('message', 'typed', 'chosen')"
    )
    op.drop_table("day_count")


def _make(table: str, kind: str) -> None:
    op.create_table(
        table,
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column(kind, sa.String(16), nullable=False),
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", kind, "day", name=f"pk_{table}"),
    )

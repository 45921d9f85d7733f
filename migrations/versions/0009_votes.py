"""The members' votes on wrong replies, and the time since which a rule's replies are counted.

Revision: 0009
Revises: 0008
Why: votes were forgotten at each restart, so that one member could turn a rule off alone; and misses never faded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column; the counts so far fade from the next reply on."""
    op.create_table(
        "rule_vote",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("voter", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "rule", "voter", name="pk_rule_vote"),
    )
    op.add_column("rule_score", sa.Column("since", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("rule_score") as batch:
        batch.drop_column("since")
    op.drop_table("rule_vote")

"""The rule of each auto-reply, and how often each rule was marked as wrong in a server.

Revision: 0002
Revises: 0001
Why: "Wrong reply?" counts against the rule; a rule that is wrong too often turns itself off.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the rule of a reply, and the scores."""
    op.add_column("auto_reply", sa.Column("rule", sa.String(32)))
    op.create_table(
        "rule_score",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("replies", sa.Integer, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("off", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "rule", name="pk_rule_score"),
    )

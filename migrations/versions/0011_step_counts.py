"""The steps of a guide that helped, and how often people asked about trouble that no symptom covers.

Revision: 0011
Revises: 0010
Why: helpful steps are shown first, and moderators see what is missing. Counts only, without people.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SMALL_ID = sa.SmallInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "step_count",
        sa.Column("service_id", _SMALL_ID, nullable=False),
        sa.Column("symptom", sa.String(32), nullable=False),
        sa.Column("step", sa.SmallInteger, nullable=False, autoincrement=False),
        sa.Column("helped", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("service_id", "symptom", "step", name="pk_step_count"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_step_count_service_id"),
    )
    op.create_table(
        "unknown_count",
        sa.Column("guild_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "how", "day", name="pk_unknown_count"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("unknown_count")
    op.drop_table("step_count")

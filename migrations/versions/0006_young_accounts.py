"""Whether a reporter's account was less than a week old.

Revision: 0006
Revises: 0005
Why: young accounts weigh less when a crowd in one server would cause announcements in others.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; older reports count as reports of older accounts."""
    op.add_column("report", sa.Column("young", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("report") as batch:
        batch.drop_column("young")

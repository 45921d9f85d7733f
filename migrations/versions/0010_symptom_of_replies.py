"""Which symptom the message named that an auto-reply answers.

Revision: 0010
Revises: 0009
Why: a reply that is edited shows the steps of that symptom again, also after a restart; and one that says that it is no
outage is left as it is, and reactions on it are no reports.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; older replies have no symptom."""
    op.add_column("auto_reply", sa.Column("symptom", sa.String(32)))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("auto_reply") as batch:
        batch.drop_column("symptom")

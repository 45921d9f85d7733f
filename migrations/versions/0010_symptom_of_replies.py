"""The symptom that the message answered by an auto-reply named.

Revision: 0010 Revises: 0009 Why: an edited reply still shows the steps of that symptom, even after a restart; and a
reply that says that it is no outage is never edited, and reactions on it are no reports.
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
    """Drop it."""
    with op.batch_alter_table("auto_reply") as batch:
        batch.drop_column("symptom")

"""The outbox of webhook events.

Revision: 0012 Revises: 0011 Why: events are written together with the outage's change, so that no crash loses one. They
contain nothing about people or servers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "webhook",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("receiver", sa.String(16), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("webhook")

"""When a key was last refused: the log tells of it once a minute, however often it is tried."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    op.add_column("api_keys", sa.Column("refused_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("api_keys", "refused_at")

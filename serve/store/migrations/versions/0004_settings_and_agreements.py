"""What an administrator set while the server runs, and how far two models agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step."""
    _settings()
    _agreements()


def downgrade() -> None:
    """Take it back."""
    op.drop_table("agreements")
    op.drop_table("settings")


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("shadow_version", sa.String(length=200), nullable=False),
        sa.Column("n_notes", sa.BigInteger(), nullable=False),
        sa.Column("n_both", sa.BigInteger(), nullable=False),
        sa.Column("n_model_only", sa.BigInteger(), nullable=False),
        sa.Column("n_shadow_only", sa.BigInteger(), nullable=False),
        sa.Column("n_same_first", sa.BigInteger(), nullable=False),
        sa.Column("sum_jaccard", sa.Double(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model_version", "shadow_version", name=op.f("pk_agreements")),
    )

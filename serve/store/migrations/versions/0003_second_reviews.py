"""Which note a review is the second of: one at most for each note."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the step; by a statement that both databases know, since SQLite adds no constraint."""
    op.execute(
        "ALTER TABLE notes ADD COLUMN second_of VARCHAR(200) "
        "CONSTRAINT fk_notes_second_of REFERENCES notes (id)"
    )
    op.create_index("uq_notes_second_of", "notes", ["second_of"], unique=True)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("uq_notes_second_of", "notes")
    op.drop_column("notes", "second_of")

"""Bring a database to the tables of this version, or say how far it is from them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from cac.errors import SettingsError
from serve.store.engine import WRITES

# Any number, the same in every process: who migrates keeps the others waiting.
_ADVISORY_LOCK = 727_222


def migrate(engine: Engine, *, to: str = "head") -> None:
    """Run the steps that are missing, in one transaction, up to the last or the one named.

    Raises:
        SettingsError: the database was made by a later version of this program.
    """
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
        if pending(connection):
            command.upgrade(_config(connection), to)


def is_empty(connection: Connection) -> bool:
    """Tell whether no step has been made yet."""
    return MigrationContext.configure(connection).get_current_revision() is None


def pending(connection: Connection) -> list[str]:
    """Return the steps that the database lacks, oldest first."""
    steps = ScriptDirectory.from_config(_config(connection))
    known = [step.revision for step in steps.walk_revisions()][::-1]
    at = MigrationContext.configure(connection).get_current_revision()
    if at is None:
        return known
    if at not in known:
        raise SettingsError(
            f"The database stands at step {at}, which this version does not know. Install the "
            "version that made it, or a later one."
        )
    return known[known.index(at) + 1 :]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config

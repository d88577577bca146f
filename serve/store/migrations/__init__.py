"""How a database is brought to this version's tables: Alembic, shipped in the package."""

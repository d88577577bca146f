"""What is kept: one file a thing, all on `Store.read` and `Store.write`."""

from serve.store.store import Store, Unit

__all__ = ["Store", "Unit"]

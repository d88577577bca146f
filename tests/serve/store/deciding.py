"""A program that takes decisions until it is killed, and says of each that it is on disk.

Arguments: the state folder, the URL of the database ("" for SQLite), the user, the notes.
"""

import sys
import threading
from pathlib import Path

from pydantic import SecretStr

from cac.coding import Code, CodeSystem
from serve.review import Decision, Kind
from serve.secrets import load_secrets
from serve.settings import Settings
from serve.store import Store
from serve.store.notes import note_row
from serve.store.reviews import decide

CODE = Code(CodeSystem.ICD10CM, "N18.32")
SAYING = threading.Lock()


def work(store: Store, by: str, note: str) -> None:
    with store.read() as session:
        version = note_row(session, note).version
    while True:
        kind = Kind.UNDO if version % 2 else Kind.ADD
        decision = Decision(kind, CODE if kind is Kind.ADD else None)
        state = store.write(
            lambda unit, version=version, decision=decision: decide(
                unit, note, [decision], by=by, expected_version=version
            )
        )
        version = state.version
        with SAYING:
            sys.stdout.write(f"{note} {version}\n")
            sys.stdout.flush()


def main() -> None:
    folder, url, by, *notes = sys.argv[1:]
    settings = Settings(
        state=Path(folder), secrets=Path(folder) / "keys", database_url=SecretStr(url)
    )
    store = Store(settings, load_secrets(settings.secrets))
    for note in notes:
        threading.Thread(target=work, args=(store, by, note)).start()


if __name__ == "__main__":
    main()

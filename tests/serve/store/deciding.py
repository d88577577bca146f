"""A program that takes decisions until it is killed, and says of each that it is on disk.

Arguments: the state folder, the URL of the database ("" for SQLite), the most bytes that a file may
have (0: any number), the user, the notes. Where the disk is full it says so, and ends.
"""

import resource
import sys
import threading
from pathlib import Path

from pydantic import SecretStr

from cac.coding import Code, CodeSystem
from serve.errors import StoreUnavailableError
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
        try:
            state = store.write(
                lambda unit, version=version, decision=decision: decide(
                    unit, note, [decision], by=by, expected_version=version
                )
            )
        except StoreUnavailableError:
            say("full")
            return
        version = state.version
        say(f"{note} {version}")


def say(line: str) -> None:
    with SAYING:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def main() -> None:
    folder, url, most, by, *notes = sys.argv[1:]
    if int(most):
        # Python ignores the signal: a write beyond it fails as on a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    settings = Settings(
        state=Path(folder), secrets=Path(folder) / "keys", database_url=SecretStr(url)
    )
    store = Store(settings, load_secrets(settings.secrets))
    for note in notes:
        threading.Thread(target=work, args=(store, by, note)).start()


if __name__ == "__main__":
    main()

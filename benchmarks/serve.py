"""What the server adds to the library, and how it holds up: ``make benchmark-serve``.

Server and client share the machine, and so do the two halves of every ratio, taken in turn. The
notes are those of `benchmarks.speed`, some 1,700 words each.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks._library import library
from benchmarks._server import Client, Reply, Server, server
from benchmarks.results import Row, report
from benchmarks.speed import notes
from cac.demo import load_demo_notes
from cac.note import Note

if TYPE_CHECKING:
    from serve.store import Store, Unit

RESULTS = Path(__file__).with_name("SERVE.md")
_N_PAIRS, _N_TRIES, _N_PROCESSES = 30, 6, 3
_N_UNLOADED, _N_ROUNDS = 60, 3
_OVERLOAD_S = 45.0
_N_SHORT_WARM, _N_SHORT = 1_000, 10_000
_SHORT = "Assessment: CKD stage 3b, gout, asthma. No chest pain. Visit {n}."
_N_LOGGED, _N_DECIDED = 20_000, 300
_OK, _BUSY = 200, 503


def run() -> list[Row]:
    """Measure the server as it comes, then its store."""
    _compile()
    with server() as served:
        rows = [
            _row("server: seconds from the start of Python to ready", served.seconds_to_ready, 1,
                 "<= 10"),
            *_overload(served),
            *_memory(served),
        ]  # fmt: skip
    return [*rows, *_overhead(), *_kept()]


def _compile() -> None:
    """Let the lexicon be compiled, as once after each change of code or code set."""
    from cac.suggester import Suggester

    Suggester.load().suggest(notes(1)[0])


def _overhead() -> list[Row]:
    """Ask library and server in turn for the same notes; of each the quickest of a few counts.

    What else runs on the machine only ever adds, and adds more to the longer way. Two processes of
    one program differ by some percent for as long as they live, so several pairs are started.
    """
    pairs = [_pair() for _ in range(_N_PROCESSES)]
    library, added, share = (float(column) for column in np.median(pairs, axis=0))
    n = _N_PROCESSES * _N_PAIRS
    return [
        _row("server: milliseconds of the library's call, p50", library * 1000, n, ""),
        _row("server: milliseconds added to it, p50", added * 1000, n, "<= 3"),
        _row("server: share added to it, p50", share, n, "<= 0.05"),
    ]


def _pair() -> tuple[float, float, float]:
    """Return the seconds of the library's call, what the server adds, and its share."""
    found = notes(_N_PAIRS)
    with server() as served, library(_N_PAIRS) as call:
        client = served.client()
        tries = [
            [(call(i), _suggested(client, note).seconds) for i, note in enumerate(found)]
            for _ in range(_N_TRIES)
        ]
    alone, whole = (float(c) for c in np.median(np.array(tries).min(axis=0), axis=0))
    return alone, whole - alone, whole / alone - 1


def _overload(served: Server) -> list[Row]:
    """Ask at twice the rate that can be done, and for its health beside."""
    client = served.client()
    found = notes(_N_UNLOADED)
    unloaded = [_suggested(client, note).seconds for note in found * _N_ROUNDS]
    rate = _sustainable(served, found)
    replies, healths = _open_loop(served, found, 2 * rate)
    accepted = [r.seconds for r in replies if r.status == _OK]
    statuses = Counter(r.status for r in replies)
    n_errors = len(replies) - statuses[_OK] - statuses[_BUSY]
    p99 = float(np.quantile(accepted, 0.99) / np.quantile(unloaded, 0.99))
    done = len(accepted) / _OVERLOAD_S / rate
    n, n_health = len(replies), len(healths)
    health = float(np.quantile(healths, 0.99)) * 1000
    return [
        _row("server at twice its load: answers but 200 and 503", n_errors, n, "<= 0"),
        _row("server at twice its load: share answered 503", statuses[_BUSY] / n, n, ""),
        _row("server at twice its load: p99 of accepted over unloaded p99", p99, n, "<= 2"),
        _row("server at twice its load: notes done over those of the load that fits", done, n, ""),
        _row("server at twice its load: milliseconds of /healthz, p99", health, n_health, "<= 100"),
    ]


def _sustainable(served: Server, found: list[Note]) -> float:
    """Return the notes a second that two clients get, each asking again once it has an answer."""

    def ask(half: list[Note]) -> None:
        client = served.client()
        for note in half:
            _suggested(client, note)

    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ask, (found[::2], found[1::2])))
    return len(found) / (time.perf_counter() - start)


def _open_loop(served: Server, found: list[Note], rate: float) -> tuple[list[Reply], list[float]]:
    """Send at a fixed rate whatever comes back; return the replies, and times of /healthz."""
    n_requests = int(rate * _OVERLOAD_S)
    clients = threading.local()
    begin = time.perf_counter() + 0.2

    def ask(number: int) -> Reply:
        if not hasattr(clients, "one"):
            clients.one = served.client()
        time.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        note = found[number % len(found)]
        reply: Reply = clients.one.suggest(note.text, note.setting)
        return reply

    healths: list[float] = []
    ended = threading.Event()
    watcher = threading.Thread(target=_watch_health, args=(served, healths, ended))
    watcher.start()
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(ask, range(n_requests)))
    ended.set()
    watcher.join()
    return replies, healths


def _watch_health(served: Server, healths: list[float], ended: threading.Event) -> None:
    client = served.client()
    while not ended.wait(0.02):
        healths.append(client.ask("GET", "/healthz").seconds)


def _memory(served: Server) -> list[Row]:
    client = served.client()
    for n in range(_N_SHORT_WARM):
        client.suggest(_SHORT.format(n=n))
    before = served.mebibytes()
    for n in range(_N_SHORT):
        client.suggest(_SHORT.format(n=n))
    after = served.mebibytes()
    return [
        _row("server: MiB held", after, 1, ""),
        _row("server: share grown over 10,000 notes", after / before - 1, _N_SHORT, "<= 0.02"),
    ]


def _kept() -> list[Row]:
    """Ask the store of a new database for rows of the log, and for decisions of many coders."""
    from serve.cli.opening import prepared
    from serve.settings import load_settings

    with TemporaryDirectory() as folder:
        store = prepared(load_settings(state=Path(folder), secrets=Path(folder, "secrets")))
        try:
            rows = _rate([_log_one] * _N_LOGGED, store)
            decisions = _rate(_decisions(store), store)
        finally:
            store.close()
    return [
        _row("log: rows a second, on disk, SQLite", rows, _N_LOGGED, ">= 5000"),
        _row("review: decisions a second, checked and on disk", decisions, _N_DECIDED, ""),
    ]


def _rate(works: Sequence[Callable[[Unit], object]], store: Store) -> float:
    start = time.perf_counter()
    for future in [store.submit(work) for work in works]:
        future.result()
    return len(works) / (time.perf_counter() - start)


def _log_one(unit: Unit) -> None:
    unit.log("decision", "u", None, code=["ICD-10-CM", "N18.32"], active_ms=900)


def _decisions(store: Store) -> list[Callable[[Unit], object]]:
    """Queue notes with their answers, a coder each; return the first decision on each note."""
    from cac.suggester import Suggester
    from serve.access.principal import Role
    from serve.access.users import add_user
    from serve.review import Decision, Kind
    from serve.store.answers import put_answer
    from serve.store.notes import add_note
    from serve.store.reviews import decide

    result = Suggester.load().suggest(note := load_demo_notes()[0])
    accept = Decision(Kind.ACCEPT, result.suggestions[0].code, active_ms=900)

    def queued(unit: Unit) -> tuple[str, str]:
        user = add_user(unit, f"coder{len(found)}", Role.CODER)
        row = add_note(unit, replace(note, note_id=f"n{len(found)}"), by=user.id)
        put_answer(unit, row.id, replace(result, note_id=row.note_id))
        return row.id, user.id

    found: list[tuple[str, str]] = []
    for _ in range(_N_DECIDED):
        found.append(store.write(queued))
    return [
        partial(decide, note=row, decisions=[accept], by=by, expected_version=0)
        for row, by in found
    ]


def _suggested(client: Client, note: Note) -> Reply:
    reply = client.suggest(note.text, note.setting)
    if reply.status != _OK:
        raise OSError(f"the unloaded server answered {reply.status}")
    return reply


def _row(what: str, figure: float, n: int, target: str) -> Row:
    return {"what": what, "figure": figure, "low": None, "high": None, "n": n, "target": target}


if __name__ == "__main__":
    RESULTS.write_text(report({"serve": run()}, {}).replace("benchmark`", "benchmark-serve`", 1))

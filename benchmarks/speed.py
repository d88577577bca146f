"""How fast the whole path is, in one process, on notes of some 1,700 words; and its memory.

The shipped notes are the discharge summary with its paragraphs in another order each. What is
kept of its words from one to the next flatters, so the figure is also taken on different texts,
where ``CAC_DATA`` has them: MTSamples reports nearest that length, ACI-Bench visits joined to it.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.results import Row
from cac.coding import CodingResult
from cac.corpus import data_folder, load_corpus
from cac.demo import load_demo_note
from cac.errors import CorpusError
from cac.note import Note, Setting

N_NOTES = 60
N_WORDS = 1700
N_WARM = 3
N_FRESH = 10
_N_RESAMPLES = 1000
_FRESH = f"""
import re
from pathlib import Path
from benchmarks.speed import notes
from cac.suggester import Suggester
suggester = Suggester.load()
for number, note in enumerate(notes({N_FRESH})):
    suggester.suggest(note)
    if number == 0:
        print("first", flush=True)
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def run() -> list[Row]:
    """Measure notes per second, the start of the command, and the memory held."""
    from cac.suggester import Suggester

    suggester = Suggester.load()
    for note in notes(N_WARM):
        suggester.suggest(note)
    rates = [_rate_row(suggester.suggest, name, found) for name, found in _texts()]
    first, gibibytes = _fresh_process()
    return [
        *rates,
        _row("speed: seconds from the start of Python to the first answer", first, 1, ""),
        _row("speed: seconds of `cac --help`, best of 5", _help_seconds(), 5, "<= 0.5"),
        _row(f"memory: peak in GiB after {N_FRESH} such notes", gibibytes, N_FRESH, ""),
    ]


def notes(n: int) -> list[Note]:
    """Return notes of one length, each with its paragraphs in an order of its own."""
    model = load_demo_note("discharge_summary")
    return [
        Note(f"{seed}", _shuffled(model.text, seed), setting=model.setting) for seed in range(n)
    ]


def _shuffled(text: str, seed: int) -> str:
    paragraphs = text.split("\n\n")
    random.Random(seed).shuffle(paragraphs)
    return "\n\n".join(paragraphs)


def _texts() -> Iterator[tuple[str, list[Note]]]:
    yield "shipped notes", notes(N_NOTES)
    try:
        folder = data_folder()
    except CorpusError:
        return
    reports = [coded.note for coded in load_corpus("mtsamples", "all", folder=folder)]
    reports.sort(key=lambda note: (abs(len(note.text.split()) - N_WORDS), note.note_id))
    yield "different reports (MTSamples)", reports[:N_NOTES]
    visits = [coded.note for coded in load_corpus("aci_bench", "dev", folder=folder)]
    yield "joined visits (ACI-Bench)", list(_joined(visits))


def _joined(visits: Sequence[Note]) -> Iterator[Note]:
    """Yield outpatient notes of a note's usual length, each of a few visits."""
    texts: list[str] = []
    for visit in visits:
        texts.append(visit.text)
        text = "\n\n".join(texts)
        if len(text.split()) >= N_WORDS:
            yield Note(visit.note_id, text, setting=Setting.OUTPATIENT)
            texts = []


def _rate_row(suggest: Callable[[Note], CodingResult], name: str, found: Sequence[Note]) -> Row:
    rate, low, high = _rate(np.array([_timed(suggest, note) for note in found]))
    n_words = round(sum(len(note.text.split()) for note in found) / len(found))
    what = f"speed: {name} of {n_words:,} words a second"
    return _row(what, rate, len(found), ">= 20", low, high)


def _timed(suggest: Callable[[Note], CodingResult], note: Note) -> float:
    start = time.perf_counter()
    suggest(note)
    return time.perf_counter() - start


def _rate(seconds: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Return notes per second with a bootstrap interval over the notes."""
    picks = np.random.default_rng(0).integers(0, len(seconds), (_N_RESAMPLES, len(seconds)))
    low, high = np.quantile(1 / seconds[picks].mean(axis=1), (0.025, 0.975))
    return float(1 / seconds.mean()), float(low), float(high)


def _help_seconds() -> float:
    code = "from cac.cli import main; raise SystemExit(main(['--help']))"
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - start)
    return best


def _fresh_process() -> tuple[float, float]:
    """Return the seconds to the first answer and the peak memory of a process of its own."""
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _FRESH], stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise OSError("no pipe from the measured process")
        process.stdout.readline()
        first = time.perf_counter() - start
        kibibytes = int(process.stdout.read())
    return first, kibibytes / 2**20


def _row(
    what: str,
    figure: float,
    n: int,
    target: str,
    low: float | None = None,
    high: float | None = None,
) -> Row:
    return {"what": what, "figure": figure, "low": low, "high": high, "n": n, "target": target}

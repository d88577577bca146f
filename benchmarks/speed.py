"""How fast the whole path is, in one process, on notes of some 1,600 words; and its memory.

The notes are the shipped discharge summary, each with another line at its end, so that no
answer can be kept from one to the next.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.results import Row
from cac.coding import CodingResult
from cac.demo import load_demo_note
from cac.note import Note

N_NOTES = 60
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
    seconds = np.array([_timed(suggester.suggest, note) for note in notes(N_NOTES)])
    rate, low, high = _rate(seconds)
    n_words = len(notes(1)[0].text.split())
    first, gibibytes = _fresh_process()
    return [
        _row(f"speed: notes of {n_words:,} words a second", rate, N_NOTES, ">= 20", low, high),
        _row("speed: seconds from the start of Python to the first answer", first, 1, ""),
        _row("speed: seconds of `cac --help`, best of 5", _help_seconds(), 5, "<= 0.5"),
        _row(f"memory: peak in GiB after {N_FRESH} such notes", gibibytes, N_FRESH, ""),
    ]


def notes(n: int) -> list[Note]:
    """Return notes of one length that differ at the end."""
    model = load_demo_note("discharge_summary")
    return [
        Note(f"{number}", f"{model.text}\nPage {number}.", setting=model.setting)
        for number in range(n)
    ]


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

"""The library in a process of its own: a note's number in, the seconds of its call out."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.speed import notes


@contextmanager
def library(n_notes: int) -> Iterator[Callable[[int], float]]:
    """Give what times the call for one of the notes of `benchmarks.speed`, in a new process."""
    command = [sys.executable, "-m", "benchmarks._library", str(n_notes)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answered = process.stdin, process.stdout

        def seconds(number: int) -> float:
            print(number, file=asked, flush=True)
            return float(answered.readline())

        try:
            yield seconds
        finally:
            asked.close()


def main(n_notes: int) -> None:
    """Answer until standard input ends."""
    from cac.suggester import Suggester
    from serve.settings import load_settings

    suggester, found = Suggester.load(load_settings().bundle or None), notes(n_notes)
    for line in sys.stdin:
        start = time.perf_counter()
        suggester.suggest(found[int(line)])
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

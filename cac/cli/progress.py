"""A progress bar on stderr, where a person can see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from cac.inputs import count_notes


@contextmanager
def progress(inputs: Sequence[str], *, hidden: bool) -> Iterator[Callable[[], None]]:
    """Yield a function to call after each note; a bar is drawn for several notes on a terminal."""
    total = None if hidden or not sys.stderr.isatty() else count_notes(inputs)
    if hidden or not sys.stderr.isatty() or total == 1:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("notes", total=total)
        yield lambda: bar.advance(task)

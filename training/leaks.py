"""Whether words of the notes stand in what is kept and shown: found by runs of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cac.coding import CodedNote

RUN = 8
"""So many words of a note in a row, in a report, are its text and no chance."""
BUNDLE_RUN = 12
"""A bundle keeps terms of several words; so many in a row are a sentence."""
_WORD = re.compile(r"\w+")
_READABLE = {".json", ".jsonl", ".csv", ".html", ".md", ".txt", ".yaml"}


@dataclass(frozen=True, slots=True)
class Leak:
    """A file that holds a run of a note's words; neither is quoted."""

    file: str
    note_id: str


def find_leaks(paths: Iterable[Path], notes: Sequence[CodedNote], *, run: int = RUN) -> list[Leak]:
    """Return one leak for each readable file that shares ``run`` words in a row with a note."""
    texts = {str(path): path.read_text(encoding="utf-8", errors="replace") for path in paths}
    return find_in_texts(texts, notes, run=run)


def find_in_texts(
    texts: dict[str, str], notes: Sequence[CodedNote], *, run: int = RUN
) -> list[Leak]:
    """Return the same for texts by name."""
    # The texts are small and the notes may be many: what the texts hold is kept, notes stream by.
    holders: dict[int, set[str]] = {}
    for name, text in texts.items():
        for key in _runs(text, run):
            holders.setdefault(key, set()).add(name)
    found: dict[str, Leak] = {}
    for coded in notes:
        for key in _runs(coded.note.text, run):
            for name in holders.get(key, ()):
                found.setdefault(name, Leak(name, coded.note.note_id))
    return sorted(found.values(), key=lambda leak: leak.file)


def readable_files(folder: Path) -> list[Path]:
    """Return the files of a folder that hold text, at any depth."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _READABLE)


def _runs(text: str, n_words: int) -> Iterator[int]:
    """Yield a hash for each run of words, case and punctuation aside."""
    words = _WORD.findall(text.lower())
    for start in range(len(words) - n_words + 1):
        yield hash(tuple(words[start : start + n_words]))

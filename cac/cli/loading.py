"""The one place where commands get the suggester from, so that it is loaded only if needed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from cac.cli import complain
from cac.coding import Code, CodeSystem, CodingResult
from cac.explanation import Explanation
from cac.note import Note, Section


class CodeSuggester(Protocol):
    """What the commands ask of ``cac.suggester.Suggester``."""

    def suggest(
        self, note: Note, *, top_k: int | None = ..., min_probability: float | None = ...
    ) -> CodingResult:
        """Return ranked suggestions, and what was found but not suggested."""

    def explain(self, note: Note, code: Code) -> Explanation:
        """Say why, or why not, the note gets the code."""


def load_suggester(
    bundle: str | None,
    *,
    systems: tuple[CodeSystem, ...] | None = None,
    convention: str | None = None,
) -> CodeSuggester:
    """Load a bundle, or the finder and the rules where there is none; say what takes long."""
    from cac.suggester import Suggester

    _tell_what_is_logged()
    return Suggester.load(bundle or None, systems=systems, convention=convention)


def _tell_what_is_logged() -> None:
    """Put on stderr that terms are compiled, or that the default bundle cannot be loaded."""
    for name in ("cac.find.load", "cac.suggester"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(_OnStderr())
            logger.setLevel(logging.INFO)


class _OnStderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())


def outline(note: Note) -> Sequence[Section]:
    """Read the sections of a note."""
    from cac.read import read_note

    return read_note(note).sections

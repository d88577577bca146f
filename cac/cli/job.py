"""A run of ``cac suggest``, note by note: what fails is named, the rest is done."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from cac.cli import complain, describe_unexpected
from cac.cli.loading import CodeSuggester
from cac.coding import CodingResult
from cac.errors import BundleError, CacError, InputError, SettingsError
from cac.note import Note
from cac.outputs import ResultWriter
from cac.outputs.records import result_record
from cac.outputs.resume import EarlierOutput
from cac.outputs.sink import OutputError


class SuggestJob:
    """Suggests codes for one note after another; loads and opens nothing before the first."""

    def __init__(
        self,
        *,
        load: Callable[[], CodeSuggester],
        open_writer: Callable[[], ResultWriter],
        earlier: EarlierOutput | None,
        top_k: int,
        min_probability: float | None,
    ) -> None:
        self._load = load
        self._open_writer = open_writer
        self._earlier = earlier
        self._top_k = top_k
        self._min_probability = min_probability
        self._suggester: CodeSuggester | None = None
        self._writer: ResultWriter | None = None
        self._n_done = 0
        self._n_failed = 0

    def do(self, found: Note | InputError) -> None:
        """Do one note, or name what is wrong with it.

        Raises:
            CacError: What would keep every other note from being done as well.
        """
        if isinstance(found, InputError):
            self._fail(str(found))
            return
        if self._suggester is None:
            self._suggester = self._load()
        try:
            self._do_note(found, self._suggester)
        except (OutputError, SettingsError, BundleError, OSError):
            raise
        except CacError as error:
            self._fail(f"note {found.note_id!r}: {error}")
        except Exception as error:
            self._fail(f"note {found.note_id!r}: {describe_unexpected(error)}")

    def _do_note(self, note: Note, suggester: CodeSuggester) -> None:
        known = self._earlier is not None and note.note_id in self._earlier.note_ids
        # The first note of an earlier run is done again, to compare the versions behind it.
        if not known or (self._earlier and self._earlier.is_first(note.note_id)):
            result = suggester.suggest(
                note, top_k=self._top_k, min_probability=self._min_probability
            )
            if self._earlier is not None:
                self._earlier.require_versions(result_record(result))
            if not known:
                self._write(note, result)
        self._n_done += 1

    def _write(self, note: Note, result: CodingResult) -> None:
        if self._writer is None:
            self._writer = self._open_writer()
        self._writer.write(note, result)

    def _fail(self, message: str) -> None:
        self._n_failed += 1
        complain(message)

    def abandon(self) -> None:
        """Close the output after an error, as well as that still goes."""
        if self._writer is not None:
            with suppress(CacError, OSError, ValueError):
                self._writer.close()

    def finish(self) -> int:
        """Close the output; say how much was done if not all was, and return the exit code."""
        if self._writer is not None:
            self._writer.close()
        if not self._n_done and not self._n_failed:
            raise InputError("The input holds no note. Give at least one row or file.")
        if not self._n_failed:
            return 0
        complain(f"{self._n_done} notes done, {self._n_failed} not (named above).")
        return 1 if self._n_done else 2

"""Notes packed for the encoder: windows of like length together, and hardly any padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cac.classify.config import EncoderConfig
from cac.classify.tokens import EncodedNote, NoteTokenizer
from cac.classify.windows import Windows, lay_windows

Ints = npt.NDArray[np.int64]
_LEAST_FILLED = 0.8


@dataclass(frozen=True, slots=True)
class Pass:
    """Windows that are encoded together.

    ``input_ids`` has shape (n_windows, length); ``mask`` is False on padding, None where none is.
    ``source`` is which of the batch's packed tokens stands at a place, -1 for none.
    """

    input_ids: Tensor
    mask: Tensor | None
    source: Tensor

    def to(self, device: torch.device | str) -> Pass:
        """Return the windows on a device."""
        mask = None if self.mask is None else self.mask.to(device)
        return Pass(self.input_ids.to(device), mask, self.source.to(device))


@dataclass(frozen=True, slots=True)
class Batch:
    """Notes as packed tokens, one note after the other.

    ``gather`` finds each token's state among the flattened states of all passes, shape
    (n_tokens,); ``lengths`` are tokens by note. Padding has no place here, so that nothing past
    the encoder can attend to it.
    """

    passes: tuple[Pass, ...]
    gather: Tensor
    lengths: tuple[int, ...]

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on a device."""
        return Batch(tuple(p.to(device) for p in self.passes), self.gather.to(device), self.lengths)

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True, slots=True)
class _Window:
    note: int
    number: int
    first_token: int
    ids: Ints


class BatchBuilder:
    """Packs encoded notes by an encoder's window settings."""

    def __init__(self, tokenizer: NoteTokenizer, config: EncoderConfig, pad_token_id: int) -> None:
        self._prefix = np.array(tokenizer.prefix, dtype=np.int64)
        self._suffix = np.array(tokenizer.suffix, dtype=np.int64)
        self._pad_token_id = pad_token_id
        self._capacity = config.max_length - len(self._prefix) - len(self._suffix)
        self._stride = min(config.stride, self._capacity // 2)
        self._budget = config.windows_per_pass * config.max_length

    def build(self, notes: Sequence[EncodedNote]) -> Batch:
        """Return the windows of the notes in passes, and where each token's state will be."""
        layouts = [self.layout(len(note)) for note in notes]
        before = np.cumsum([0, *map(len, notes)])
        windows = [
            window
            for i, (note, layout) in enumerate(zip(notes, layouts, strict=True))
            for window in self._windows(i, note, layout, int(before[i]))
        ]
        windows.sort(key=lambda w: -len(w.ids))
        first: dict[tuple[int, int], int] = {}
        passes, n_before = [], 0
        for group in self._groups(windows):
            length = len(group[0].ids)
            for row, window in enumerate(group):
                first[window.note, window.number] = n_before + row * length + len(self._prefix)
            n_before += len(group) * length
            passes.append(self._pass(group))
        gather = [_places(i, layout, first) for i, layout in enumerate(layouts)]
        packed = np.concatenate([*gather, np.zeros(0, dtype=np.int64)])
        return Batch(tuple(passes), torch.from_numpy(packed), tuple(map(len, notes)))

    def layout(self, n_tokens: int) -> Windows:
        """Return the windows of a note of so many tokens."""
        return lay_windows(n_tokens, capacity=self._capacity, stride=self._stride)

    def _windows(
        self, note: int, encoded: EncodedNote, layout: Windows, n_before: int
    ) -> Iterator[_Window]:
        for number, start in enumerate(layout.starts.tolist()):
            ids = encoded.input_ids[start : start + layout.length]
            whole = np.concatenate([self._prefix, ids, self._suffix])
            yield _Window(note, number, n_before + start, whole)

    def _groups(self, windows: Sequence[_Window]) -> Iterator[list[_Window]]:
        """Yield windows of like length, longest first, within the budget of tokens."""
        group: list[_Window] = []
        for window in windows:
            longest = len(group[0].ids) if group else 0
            full = (len(group) + 1) * longest > self._budget
            if group and (full or len(window.ids) < _LEAST_FILLED * longest):
                yield group
                group = []
            group.append(window)
        if group:
            yield group

    def _pass(self, group: Sequence[_Window]) -> Pass:
        ids = np.full((len(group), len(group[0].ids)), self._pad_token_id, dtype=np.int64)
        mask, source = np.zeros(ids.shape, dtype=bool), np.full(ids.shape, -1, dtype=np.int64)
        first = len(self._prefix)
        for row, window in enumerate(group):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = True
            n_tokens = len(window.ids) - first - len(self._suffix)
            source[row, first : first + n_tokens] = window.first_token + np.arange(n_tokens)
        masked = None if mask.all() else torch.from_numpy(mask)
        return Pass(torch.from_numpy(ids), masked, torch.from_numpy(source))


def _places(note: int, layout: Windows, first: dict[tuple[int, int], int]) -> Ints:
    starts = np.array([first[note, i] for i in range(len(layout))], dtype=np.int64)
    return np.asarray(starts[layout.owner] + layout.offsets)

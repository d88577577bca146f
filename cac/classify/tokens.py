"""A note's text to the pieces of an encoder, each with its characters in the untouched text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cac.errors import BundleError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Ints = npt.NDArray[np.int64]
FILE = "tokenizer.json"
_PROBE = "a"
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class EncodedNote:
    """The pieces of a text, special ones left out.

    ``input_ids`` has shape (n_tokens,); ``offsets`` (n_tokens, 2) are half-open ranges of Python
    characters, without the blanks that a piece may carry.
    """

    input_ids: Ints
    offsets: Ints

    def __len__(self) -> int:
        return len(self.input_ids)


class NoteTokenizer:
    """A fast tokenizer with truncation and padding off, and the special tokens of a window.

    The files of some encoders switch on truncation at 128 pieces, which would silently drop the
    rest of a note.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self.prefix, self.suffix = _special_tokens(tokenizer)

    @classmethod
    def load(cls, folder: Path) -> NoteTokenizer:
        """Read the tokenizer of an encoder's folder or of a bundle.

        Raises:
            BundleError: none is there, or it is damaged.
        """
        if not (folder / FILE).is_file():
            return cls(_converted(folder))
        from tokenizers import Tokenizer

        try:
            return cls(Tokenizer.from_file(str(folder / FILE)))
        except Exception as error:  # tokenizers raises bare exceptions.
            raise BundleError(
                f"{folder / FILE} is no tokenizer: {type(error).__name__}. Fetch the encoder again."
            ) from None

    def encode(self, text: str) -> EncodedNote:
        """Return all pieces of a text, however long."""
        return self.encode_many([text])[0]

    def encode_many(self, texts: Iterable[str]) -> list[EncodedNote]:
        """Return the pieces of each text."""
        # A lone surrogate is no Unicode text for the tokenizer; one character stands for it.
        listed = [_SURROGATE.sub("\ufffd", text) for text in texts]
        found = self._tokenizer.encode_batch(listed, add_special_tokens=False)
        return [_encoded(encoding, text) for encoding, text in zip(found, listed, strict=True)]

    def to_bytes(self) -> bytes:
        """Return what ``tokenizer.json`` holds."""
        text: str = self._tokenizer.to_str()
        return text.encode()


def _encoded(encoding: Encoding, text: str) -> EncodedNote:
    offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    for row, (start, end) in enumerate(offsets):
        piece = text[start:end]
        if piece and (piece[0].isspace() or piece[-1].isspace()):
            offsets[row] = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    offsets[:, 1] = np.maximum(offsets[:, 0], offsets[:, 1])  # A piece of blanks alone is empty.
    return EncodedNote(np.array(encoding.ids, dtype=np.int64), offsets)


def _special_tokens(tokenizer: Tokenizer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return what the encoder wants before and after the pieces of one text."""
    bare = tokenizer.encode(_PROBE, add_special_tokens=False).ids
    whole = tokenizer.encode(_PROBE, add_special_tokens=True).ids
    starts = range(len(whole) - len(bare) + 1)
    start = next(i for i in starts if whole[i : i + len(bare)] == bare)
    return tuple(whole[:start]), tuple(whole[start + len(bare) :])


def _converted(folder: Path) -> Tokenizer:
    """Build a fast tokenizer from the vocabulary files of an older encoder."""
    from transformers import AutoTokenizer

    try:
        slow = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, use_fast=True)
        tokenizer: Tokenizer = slow.backend_tokenizer
    except (OSError, ValueError, AttributeError) as error:
        raise BundleError(
            f"{folder} has no {FILE}, and none can be made of its files"
            f" ({type(error).__name__}). Save the encoder's fast tokenizer there."
        ) from None
    return tokenizer

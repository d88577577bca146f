"""Reading: text to sections, sentences, tokens and assertions; the only preprocessing."""

from cac.read.reader import Reader, read_note

__all__ = ["Reader", "read_note"]

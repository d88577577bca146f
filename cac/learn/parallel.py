"""A dictionary from a corpus that comes with its own translation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from cac.corpus import load_corpus
from cac.corpus.projection.texts import align_pairs, pair_of
from cac.learn.bundle import read_dictionary, write_dictionary
from cac.learn.translation import Dictionary, SentencePair, english_stem, learn_dictionary
from cac.learn.words import fold, function_words, stemmer
from cac.note import Note

#: Corpora in Spanish and English, text by text, with a split that lends its texts alone.
_PARALLEL = {"codiesp": "background"}
_TextPair = tuple[Note, Note]


def corpus_dictionary(
    corpus: str, split: str, language: str, folder: Path
) -> tuple[Dictionary, str]:
    """Return a dictionary out of ``language``, and the checksum of the texts it is learnt from.

    Into English it reaches official terms; either way it tells which words are translated alike.
    It takes the longest of all stages, so it is kept in the folder at once and used again for
    the same texts; it is empty for a corpus without a translation.
    """
    if corpus not in _PARALLEL:
        return Dictionary(), ""
    pairs = [pair for part in (split, _PARALLEL[corpus]) for pair in _pairs(corpus, part)]
    texts = sha256(repr((language, [(a.text, b.text) for a, b in pairs])).encode()).hexdigest()
    known = read_dictionary(folder, texts)
    if known is None:
        known = learn_dictionary(_sentence_pairs(pairs, language))
        write_dictionary(folder, known, texts)
    return known, texts


def _pairs(corpus: str, split: str) -> list[_TextPair]:
    english = {coded.note.note_id: coded.note for coded in load_corpus(corpus, split, "en")}
    spanish = (coded.note for coded in load_corpus(corpus, split, "es"))
    return [(note, english[note.note_id]) for note in spanish if note.note_id in english]


def _sentence_pairs(pairs: Sequence[_TextPair], language: str) -> list[SentencePair]:
    """Align the sentences; the stems of ``language`` come first in each pair."""
    into_english = language != "en"
    spanish_stem = stemmer("es")
    stem: Callable[[str], str] = english_stem if into_english else stemmer("en")
    spanish_stops, english_stops = function_words("es"), function_words("en")
    found: list[SentencePair] = []
    aligned = align_pairs([pair_of(one.text, two.text) for one, two in pairs])
    for (one, two), beads in zip(pairs, aligned, strict=True):
        for bead in beads:
            source = (fold(one.text[w.span.start : w.span.end]) for w in bead.source)
            target = (fold(two.text[w.span.start : w.span.end]) for w in bead.target)
            spanish = [spanish_stem(word) for word in source if word not in spanish_stops]
            english = [stem(word) for word in target if word not in english_stops]
            found.append((spanish, english) if into_english else (english, spanish))
    return found

"""Terms beside the official ones: open synonyms (Disease Ontology, CC0) and our own."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from importlib.resources import files

from cac.codes import Icd10cm
from cac.find.lexicon import Term
from cac.find.phrases import bag_of_title
from cac.find.stream import signed_words_of, words_of
from cac.find.wordlists import read_rules, void_words
from cac.find.words import WORD

_FILE = "open_synonyms.tsv.gz"
_WEIGHT = 0.8
_TAKING = re.compile(r"^(?:on|takes|taking|uses|using|s/p|status post) ", re.IGNORECASE)
_DONE = re.compile(r"(?:status post|s/p|history of|hx of|prior|previous|past) ", re.IGNORECASE)
_STATUS = ("Z89", "Z90", "Z94", "Z95", "Z96", "Z97", "Z98")
_OWN_WEIGHT = 0.98


def synonym_terms(codes: Icd10cm, language: str = "en") -> Iterator[Term]:
    """Yield a term for each synonym whose code the release holds; our own are English."""
    if language == "en":
        yield from _own_terms(codes)
        yield from _drug_terms(codes)
    yield from _open_terms(codes, language)


def _own_terms(codes: Icd10cm) -> Iterator[Term]:
    for row in read_rules("clinical_terms")["terms"]:
        past = row["code"][:3] in ("Z85", "Z86", "Z87")  # assertions make these, see cac.rank
        for text in row["terms"] if codes.is_valid(row["code"]) else ():
            if past and text.lower().startswith(("prior ", "previous ", "history ", "hx ", "h/o ")):
                continue
            words = _words_of_status(row["code"], text) or frozenset(signed_words_of(text))
            if "metastasis" in words and row["code"][:3] < "C77":
                continue  # the primary is read from its own words, the secondary from the table
            if _is_distinct(words, text):
                yield Term(words, frozenset(), row["code"], "clinical", text, _OWN_WEIGHT)


def _words_of_status(code: str, text: str) -> frozenset[str]:
    """Return the words of what was done once, however its past is told; none for the rest."""
    done = _DONE.match(text) if code[:3] in _STATUS else None
    words = signed_words_of(text[done.end() :]) if done else ()
    return frozenset((*words, "~past")) if words else frozenset()


def _is_distinct(words: frozenset[str], text: str) -> bool:
    """Tell whether the words that the matcher keeps still say what the wording says."""
    if len(words) > 1:
        return True
    lost_a_word = len(WORD.findall(_TAKING.sub("", text))) > 1
    return bool(words) and not lost_a_word and not words <= void_words() and len(min(words)) > 1


def _drug_terms(codes: Icd10cm) -> Iterator[Term]:
    """Yield long-term use by the drug's name; some drugs count only where "long-term" is said."""
    for row in read_rules("drugs"):
        said = frozenset() if row["when"] == "listed" else frozenset(["~longterm"])
        for name in row["names"] if codes.is_valid(row["code"]) else ():
            words = frozenset(words_of(name)) | said
            yield Term(words, frozenset(), row["code"], "drug", name, _OWN_WEIGHT)


def _open_terms(codes: Icd10cm, language: str) -> Iterator[Term]:
    data = (files("cac.find") / "rules" / _FILE).read_bytes()
    for line in gzip.decompress(data).decode("utf-8").splitlines()[1:]:
        code, written_in, text = line.split("\t")
        acronym = text.isupper() and len(text) < 6
        bag = None if acronym or "/" in text or written_in != language else bag_of_title(text)
        if bag and codes.is_valid(code) and len(bag.required) <= 6:
            yield Term(bag.required, bag.optional, code, "synonym", text, _WEIGHT)

"""Load a finder for a release, its lexicon through the compiled cache."""

from __future__ import annotations

import gc
import hashlib
import logging
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from cac.codes import Icd10cm, load_index
from cac.codes.cache import cached
from cac.find.expand import Expander
from cac.find.finder import Finder
from cac.find.lexicon import Lexicon, compile_terms
from cac.find.references import reference_phrases
from cac.find.synonyms import synonym_terms
from cac.find.tables import drug_harm_terms, table_terms
from cac.find.terms import official_terms

FORMAT = "1"
_log = logging.getLogger(__name__)


@lru_cache(maxsize=4)
def load_finder(codes: Icd10cm, language: str = "en") -> Finder:
    """Return the finder over the codes of one release.

    English has the official wording; any other language only the open synonyms, of which
    Spanish has some 2,000.

    The first call for a release compiles its lexicon (about ten seconds) into the user's
    cache folder; it is compiled anew when a source, a rule file or this code changes.
    """
    name = f"lexicon-{language}-{codes.release}"
    text = cached(name, _own_files(), lambda: _compile(codes, language), extra=_key(codes))
    lexicon = Lexicon(text)
    references = reference_phrases(load_index()) if language == "en" else ()
    finder = Finder(codes, lexicon, Expander(lexicon.words, references, language))
    gc.freeze()  # what stays for good need not be searched for rubbish: half the time of a note
    return finder


def rules_version() -> str:
    """Return a short digest of the finder's rule files and code."""
    digest = hashlib.sha256(FORMAT.encode())
    for path in _own_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _compile(codes: Icd10cm, language: str) -> str:
    _log.info("Compiling the terms of ICD-10-CM %s, once: 10 to 20 seconds.", codes.release)
    if language != "en":
        return compile_terms(synonym_terms(codes, language))
    index = load_index()
    terms = [*official_terms(codes, index), *table_terms(codes, index), *synonym_terms(codes)]
    terms += drug_harm_terms(codes)
    return compile_terms(terms)


def _own_files() -> list[Path]:
    folder = Path(str(files("cac.find")))
    return sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".json", ".txt", ".gz"))


def _key(codes: Icd10cm) -> str:
    sources = [*codes.sources, *load_index().sources]
    return ",".join([FORMAT, codes.release, *(source.sha256 for source in sources)])

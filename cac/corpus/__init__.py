"""Coded notes on disk: one format, one loader a corpus, splits by patient."""

from cac.corpus.coded_notes import read_coded_notes, write_coded_notes
from cac.corpus.registry import (
    CORPORA,
    Corpus,
    data_folder,
    find_corpus,
    load_corpus,
    require_learnable,
    require_tunable,
)

__all__ = [
    "CORPORA",
    "Corpus",
    "data_folder",
    "find_corpus",
    "load_corpus",
    "read_coded_notes",
    "require_learnable",
    "require_tunable",
    "write_coded_notes",
]

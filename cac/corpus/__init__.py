"""Coded notes on disk: one format, one loader a corpus, splits by patient."""

from cac.corpus.cards import Licence, Weights, read_licence
from cac.corpus.coded_notes import read_coded_notes, write_coded_notes
from cac.corpus.corpus import Corpus
from cac.corpus.held_out import refuse_test_ids
from cac.corpus.patients import leaking_patients, require_no_leak, split_by_patient
from cac.corpus.registry import (
    CORPORA,
    TERM_SOURCES,
    TermSource,
    data_folder,
    find_corpus,
    licence_of,
    load_corpus,
    require_learnable,
    require_tunable,
    stream_corpus,
    weights_of,
)

__all__ = [
    "CORPORA",
    "TERM_SOURCES",
    "Corpus",
    "Licence",
    "TermSource",
    "Weights",
    "data_folder",
    "find_corpus",
    "leaking_patients",
    "licence_of",
    "load_corpus",
    "read_coded_notes",
    "read_licence",
    "refuse_test_ids",
    "require_learnable",
    "require_no_leak",
    "require_tunable",
    "split_by_patient",
    "stream_corpus",
    "weights_of",
    "write_coded_notes",
]

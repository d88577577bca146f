"""The corpora by name: where each stands, what it may be used for, and how it is loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus import (
    aci_bench,
    codiesp,
    mdace,
    mts_dialog,
    mtsamples,
    negex,
    nubes,
    primock57,
)
from cac.corpus.terms import CodedTerm, TopicTerm, load_disease_ontology, load_medquad
from cac.errors import CorpusError, SettingsError

Loader = Callable[[Path, str, str], list[CodedNote]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is known of a corpus before its files are opened.

    ``learn_splits`` are those that a program may learn from, ``tune_splits`` those on which
    thresholds may be chosen; both are empty where the licence or the design allows none.
    """

    name: str
    load: Loader
    splits: tuple[str, ...]
    languages: tuple[str, ...]
    licence: str
    learn_splits: tuple[str, ...] = ()
    tune_splits: tuple[str, ...] = ()
    share_weights: bool = False

    @property
    def evaluation_only(self) -> bool:
        """Tell whether nothing may be learnt from the corpus."""
        return not self.learn_splits


CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            "codiesp",
            codiesp.load,
            ("train", "dev", "test", "background"),
            ("es", "en"),
            "CC BY 4.0",
            learn_splits=("train", "background"),
            tune_splits=("train", "dev"),
            share_weights=True,
        ),
        Corpus(
            "aci_bench",
            aci_bench.load,
            ("dev", "train", "valid", "test1", "test2", "test3"),
            ("en",),
            "CC BY 4.0 (notes), CC BY-NC 4.0 (labels)",
            tune_splits=("dev",),
        ),
        Corpus(
            "mdace",
            mdace.load,
            ("train", "dev", "test"),
            ("en",),
            "MIT (annotations), PhysioNet Credentialed Health Data License (texts)",
            learn_splits=("train",),
            tune_splits=("train", "dev"),
        ),
        Corpus(
            "mdace_profee",
            mdace.load_profee,
            ("train", "dev", "test"),
            ("en",),
            "MIT (annotations), PhysioNet Credentialed Health Data License (texts)",
            learn_splits=("train",),
            tune_splits=("train", "dev"),
        ),
        Corpus("negex", negex.load, ("dev",), ("en",), "Apache-2.0 (package; rows unstated)"),
        Corpus(
            "nubes",
            nubes.load,
            ("train", "dev", "iula"),
            ("es",),
            "CC BY-SA 3.0 ES",
            learn_splits=("train",),
            tune_splits=("train", "dev"),
        ),
        Corpus(
            "mtsamples",
            mtsamples.load,
            ("all",),
            ("en",),
            "CC0 1.0, as declared by who collected them",
            learn_splits=("all",),
        ),
        Corpus(
            "mts_dialog",
            mts_dialog.load,
            ("train", "dev", "test1", "test2"),
            ("en",),
            "CC BY 4.0",
            learn_splits=("train",),
            tune_splits=("train", "dev"),
            share_weights=True,
        ),
        Corpus(
            "primock57",
            primock57.load,
            ("all",),
            ("en",),
            "CC BY 4.0",
            learn_splits=("all",),
            share_weights=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class TermSource:
    """An open terminology, loaded by a function of `cac.corpus.terms`."""

    name: str
    load: Callable[[Path], Iterator[CodedTerm | TopicTerm]]
    licence: str
    share_weights: bool = True


TERM_SOURCES: dict[str, TermSource] = {
    source.name: source
    for source in (
        TermSource("disease_ontology", load_disease_ontology, "CC0 1.0"),
        TermSource("medquad", load_medquad, "CC BY 4.0"),
    )
}


def find_corpus(name: str) -> Corpus:
    """Return the corpus of that name.

    Raises:
        SettingsError: no corpus has that name.
    """
    if name not in CORPORA:
        raise SettingsError(f"Unknown corpus {name!r}. Known: {', '.join(CORPORA)}.")
    return CORPORA[name]


def data_folder(folder: str | Path | None = None) -> Path:
    """Return the folder that holds one folder a corpus: the argument, or ``CAC_DATA``.

    Raises:
        CorpusError: neither is given, or the folder does not exist.
    """
    named = folder or os.environ.get("CAC_DATA")
    if not named:
        raise CorpusError("No data folder is named. Set CAC_DATA or pass the folder.")
    path = Path(named)
    if not path.is_dir():
        raise CorpusError(f"The data folder {path} does not exist. Set CAC_DATA to one that does.")
    return path


def load_corpus(
    name: str, split: str, language: str | None = None, folder: str | Path | None = None
) -> list[CodedNote]:
    """Load a split of a corpus; test splits come without labels, as texts to predict on.

    Args:
        name: a key of `CORPORA`.
        split: one of the corpus's splits.
        language: ISO 639-1; the first language of the corpus by default (CodiEsp: Spanish).
        folder: the data folder; the environment variable ``CAC_DATA`` by default.

    Raises:
        SettingsError: an unknown name, split or language.
        CorpusError: the folder lacks what the corpus's data card names.
    """
    corpus = find_corpus(name)
    _one_of("split", split, corpus.splits, name)
    chosen = language or corpus.languages[0]
    _one_of("language", chosen, corpus.languages, name)
    return corpus.load(data_folder(folder), split, chosen)


def require_learnable(name: str, split: str) -> None:
    """Refuse to learn from a split that is kept for measuring, or that the licence forbids.

    Raises:
        SettingsError: naming the splits that may be learnt from.
    """
    corpus = find_corpus(name)
    if split not in corpus.learn_splits:
        allowed = ", ".join(corpus.learn_splits) or "none: the corpus is for evaluation only"
        raise SettingsError(f"Nothing may be learnt from {name} {split!r}. Allowed: {allowed}.")


def require_tunable(name: str, split: str) -> None:
    """Refuse to choose a threshold or calibrate on a split that is kept for measuring.

    Raises:
        SettingsError: naming the splits that may be tuned on.
    """
    corpus = find_corpus(name)
    if split not in corpus.tune_splits:
        allowed = ", ".join(corpus.tune_splits) or "none"
        raise SettingsError(f"Nothing may be tuned on {name} {split!r}. Allowed: {allowed}.")


def _one_of(what: str, value: str, allowed: tuple[str, ...], name: str) -> None:
    if value not in allowed:
        raise SettingsError(f"Unknown {what} {value!r} of {name}. Known: {', '.join(allowed)}.")

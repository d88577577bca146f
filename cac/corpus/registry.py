"""The corpora by name: where each stands, what it may be used for, and how it is loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
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
from cac.corpus.by_path import corpus_at, is_path
from cac.corpus.cards import Licence, Weights, strictest
from cac.corpus.corpus import Corpus, Report, silent
from cac.corpus.mimic.datasets import DATASETS
from cac.corpus.terms import CodedTerm, TopicTerm, load_disease_ontology, load_medquad
from cac.errors import CorpusError, SettingsError

_PHYSIONET = "PhysioNet Credentialed Health Data License 1.5.0"

CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            "codiesp",
            codiesp.load,
            ("train", "dev", "test", "background"),
            ("es", "en"),
            "CC BY 4.0",
            Weights.SHAREABLE,
            learn_splits=("train", "background"),
            tune_splits=("train", "dev"),
        ),
        Corpus(
            "aci_bench",
            aci_bench.load,
            ("dev", "train", "valid", "test1", "test2", "test3"),
            ("en",),
            "CC BY 4.0 (notes), CC BY-NC 4.0 (labels)",
            Weights.EVALUATION_ONLY,
            tune_splits=("dev",),
        ),
        *(
            Corpus(
                name,
                load,
                ("train", "dev", "test"),
                ("en",),
                f"MIT (annotations), {_PHYSIONET} (texts)",
                Weights.RESTRICTED,
                learn_splits=("train",),
                tune_splits=("train", "dev"),
            )
            for name, load in (
                ("mdace", mdace.load),
                ("mdace_profee", mdace.load_profee),
                ("mdace_icd9", mdace.load_icd9),
                ("mdace_profee_icd9", mdace.load_profee_icd9),
            )
        ),
        *(
            Corpus(
                dataset.name,
                dataset.load,
                ("train", "dev", "test"),
                ("en",),
                _PHYSIONET,
                Weights.RESTRICTED,
                learn_splits=("train",),
                tune_splits=("train", "dev"),
                stream=dataset.stream,
            )
            for dataset in DATASETS
        ),
        Corpus(
            "negex",
            negex.load,
            ("dev",),
            ("en",),
            "Apache-2.0 (package; rows unstated)",
            Weights.EVALUATION_ONLY,
        ),
        Corpus(
            "nubes",
            nubes.load,
            ("train", "dev", "iula"),
            ("es",),
            "CC BY-SA 3.0 ES",
            Weights.RESTRICTED,
            learn_splits=("train",),
            tune_splits=("train", "dev"),
        ),
        Corpus(
            "mtsamples",
            mtsamples.load,
            ("all",),
            ("en",),
            "CC0 1.0, as declared by who collected them",
            Weights.RESTRICTED,
            learn_splits=("all",),
        ),
        Corpus(
            "mts_dialog",
            mts_dialog.load,
            ("train", "dev", "test1", "test2"),
            ("en",),
            "CC BY 4.0",
            Weights.SHAREABLE,
            learn_splits=("train",),
            tune_splits=("train", "dev"),
        ),
        Corpus(
            "primock57",
            primock57.load,
            ("all",),
            ("en",),
            "CC BY 4.0",
            Weights.SHAREABLE,
            learn_splits=("all",),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class TermSource:
    """An open terminology, loaded by a function of `cac.corpus.terms`."""

    name: str
    load: Callable[[Path], Iterator[CodedTerm | TopicTerm]]
    licence: str
    weights: Weights = Weights.SHAREABLE


TERM_SOURCES: dict[str, TermSource] = {
    source.name: source
    for source in (
        TermSource("disease_ontology", load_disease_ontology, "CC0 1.0"),
        TermSource("medquad", load_medquad, "CC BY 4.0"),
    )
}


def find_corpus(name: str) -> Corpus:
    """Return the corpus of that name, or that of the coded notes at a path.

    Raises:
        SettingsError: no corpus has that name, and it is no path.
        CorpusError: nothing stands at the path, or no coded notes.
    """
    if name in CORPORA:
        return CORPORA[name]
    if is_path(name):
        return corpus_at(Path(name))
    raise SettingsError(
        f"Unknown corpus {name!r}. Known: {', '.join(CORPORA)}, and any file or folder of coded "
        "notes (.jsonl), named by its path."
    )


def licence_of(name: str) -> Licence:
    """Return the licence of a corpus, of coded notes at a path, or of a terminology."""
    source = TERM_SOURCES.get(name)
    return Licence(source.licence, source.weights) if source else find_corpus(name).terms


def weights_of(names: Iterable[str]) -> Weights:
    """Return what may become of weights learnt from all of these sources together."""
    return strictest(licence_of(name).weights for name in names)


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
    """Load a split of a corpus.

    The test splits of corpora that this project is measured on come without labels, as texts to
    predict on; those of MIMIC and of a user's own corpus come with them.

    Args:
        name: a key of `CORPORA`, or the path of coded notes.
        split: one of the corpus's splits.
        language: ISO 639-1; the first language of the corpus by default (CodiEsp: Spanish).
        folder: the data folder; the environment variable ``CAC_DATA`` by default.

    Raises:
        SettingsError: an unknown name, split or language.
        CorpusError: the folder lacks what the corpus's data card names.
    """
    return list(stream_corpus(name, split, language, folder))


def stream_corpus(
    name: str,
    split: str,
    language: str | None = None,
    folder: str | Path | None = None,
    *,
    report: Report = silent,
) -> Iterator[CodedNote]:
    """Yield what `load_corpus` returns, without holding it all where the corpus can be streamed."""
    corpus = find_corpus(name)
    _one_of("split", split, corpus.splits, name)
    chosen = language or corpus.languages[0]
    _one_of("language", chosen, corpus.languages, name)
    home = Path() if name not in CORPORA else data_folder(folder)
    return corpus.notes(home, split, chosen, report)


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

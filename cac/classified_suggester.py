"""Suggest by a trained document classifier, in the convention of the corpus that it learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import ParamSpec, TypeVar

from cac import __version__
from cac.answers import evidence_at, require_convention, require_language, title_of
from cac.classify.manifest import ClassifierManifest
from cac.classify.predictor import Predictor
from cac.classify.scorer import Floats
from cac.classify.words import WeightedSpan
from cac.codes import Icd10cm, load_icd10cm
from cac.coding import Code, CodeSystem, CodingResult, Suggestion
from cac.errors import BundleError, CacError
from cac.explanation import Explanation, Reason
from cac.note import AnnotatedNote, Note
from cac.rank import Convention
from cac.read import read_note
from cac.versions import code_set_versions

P = ParamSpec("P")
T = TypeVar("T")


class ClassifiedSuggester:
    """Suggests the labels of a classifier; its probabilities are calibrated on dev notes."""

    def __init__(
        self,
        predictor: Predictor,
        manifest: ClassifierManifest,
        systems: tuple[CodeSystem, ...] | None = None,
    ) -> None:
        self.systems = systems
        self.predictor = predictor
        self.manifest = manifest

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        systems: tuple[CodeSystem, ...] | None = None,
        convention: Convention | None = None,
    ) -> ClassifiedSuggester:
        """Load a bundle; its own convention cannot be replaced.

        Raises:
            BundleError: the folder is no bundle, damaged, or needs what is not installed.
            SettingsError: a convention other than the bundle's is asked for.
        """
        predictor = Predictor.load(folder)
        manifest = ClassifierManifest.read(folder)
        own = manifest.convention
        require_convention(folder.name, own, convention, mend="train another bundle")
        return cls(predictor, manifest, systems)

    @cached_property
    def model_version(self) -> str:
        """This version, the bundle's name, and the digest of its weights."""
        weights = next(v for k, v in sorted(self.manifest.files.items()) if k.startswith("weights"))
        return f"cac-{__version__}+{self.manifest.name}.{weights[:12]}"

    @cached_property
    def thresholds(self) -> dict[CodeSystem, float]:
        """The probability from which codes of each system are suggested."""
        return {system: self.predictor.threshold(system) for system in CodeSystem}

    @property
    def batch_size(self) -> int:
        """How many notes are best given to `suggest_many` at once; 1 on a CPU."""
        return self.predictor.scorer.batch_size

    def suggest(
        self, note: Note, *, top_k: int | None = None, min_probability: float | None = None
    ) -> CodingResult:
        """Return the codes whose probability reaches the threshold of their system."""
        annotated = self._read(note)
        row = self.predictor.scores([note])[0]
        return self._answer(annotated, row, top_k, min_probability)

    def suggest_many(
        self,
        notes: Sequence[Note],
        *,
        top_k: int | None = None,
        min_probability: float | None = None,
    ) -> list[CodingResult | CacError]:
        """Return for each note what `suggest` gives or raises; all are scored together."""
        read = [_outcome(self._read, note) for note in notes]
        scored = [r.note for r in read if not isinstance(r, CacError)]
        rows = iter(self.predictor.scores(scored) if scored else ())
        return [
            r
            if isinstance(r, CacError)
            else _outcome(self._answer, r, next(rows), top_k, min_probability)
            for r in read
        ]

    def _answer(
        self,
        annotated: AnnotatedNote,
        row: Floats,
        top_k: int | None,
        min_probability: float | None,
    ) -> CodingResult:
        note = annotated.note
        codes = load_icd10cm(service_date=note.service_date)
        scored = self._ranked(row, min_probability)[:top_k]
        evidence = self.predictor.evidence(note, [code for _, code in scored])
        return CodingResult(
            note_id=note.note_id,
            suggestions=tuple(
                self._suggestion(codes, annotated, code, probability, rank, evidence[code])
                for rank, (probability, code) in enumerate(scored, start=1)
            ),
            model_version=self.model_version,
            code_set_versions={**code_set_versions(codes), **self.manifest.sources},
            convention=self.manifest.convention,
            calibrated=bool(self.predictor.decisions),
        )

    def probabilities(self, note: Note) -> dict[Code, float]:
        """Return the probability of every label of the systems wanted, without their evidence."""
        self._read(note)
        row = self.predictor.scores([note])[0]
        return {code: probability for probability, code in self._ranked(row, 0.0)}

    def explain(self, note: Note, code: Code) -> Explanation:
        """Say which words of the note the model takes as evidence of the code."""
        self._read(note)
        if code not in self.predictor.labels:
            message = f"The code is none of the {len(self.predictor.labels)} labels of the model."
            return Explanation(code, False, None, None, (Reason("no-label", message),))
        row = self.predictor.scores([note])[0]
        probability = float(row[self.predictor.labels.index(code)])
        suggested = probability >= self.predictor.threshold(code.system)
        reasons = tuple(self._reasons(note, code, probability))
        return Explanation(code, suggested, None, probability, reasons)

    def _reasons(self, note: Note, code: Code, probability: float) -> Iterator[Reason]:
        spans = self.predictor.evidence(note, [code])[code]
        if spans:
            message = "words that the score rests on most"
            yield Reason("mention", message, tuple(s.span for s in spans))
        band = self.predictor.band(code, probability)
        threshold = self.predictor.threshold(code.system)
        said = f", band {band.value}" if band else ""
        yield Reason("score", f"probability {probability:.2f}, threshold {threshold:.2f}{said}")

    def _ranked(self, row: Floats, min_probability: float | None) -> list[tuple[float, Code]]:
        """Return what is shown, the likeliest first."""
        found = [
            (probability, code)
            for probability, code in zip(row.tolist(), self.predictor.labels, strict=True)
            if self._shown(code, probability, min_probability)
        ]
        return sorted(found, key=lambda pair: (-pair[0], pair[1]))

    def _shown(self, code: Code, probability: float, min_probability: float | None) -> bool:
        if self.systems is not None and code.system not in self.systems:
            return False
        least = (
            self.predictor.threshold(code.system) if min_probability is None else min_probability
        )
        return probability >= least

    def _suggestion(
        self,
        codes: Icd10cm,
        annotated: AnnotatedNote,
        code: Code,
        probability: float,
        rank: int,
        spans: tuple[WeightedSpan, ...],
    ) -> Suggestion:
        evidence = tuple(evidence_at(annotated, s.span, s.weight) for s in spans)
        band = self.predictor.band(code, probability)
        return Suggestion(code, title_of(codes, code), probability, rank, evidence, band=band)

    def _read(self, note: Note) -> AnnotatedNote:
        """Read a note of the bundle's language with the bundle's reader."""
        manifest = self.manifest
        require_language(note, manifest.language, made="trained")
        annotated = read_note(note)
        if annotated.fingerprint != manifest.reader:
            raise BundleError(
                f"Bundle {manifest.name} was trained beside reader"
                f" {manifest.reader[:12] or 'none'}, and the note is read by"
                f" {annotated.fingerprint[:12]}. Train it again."
            )
        return annotated


def _outcome(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | CacError:
    try:
        return work(*args, **kwargs)
    except CacError as error:
        return error

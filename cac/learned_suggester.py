"""Suggest by a learnt bundle, in the convention of the corpus that it was learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from cac import __version__
from cac.answers import evidence_at, require_convention, require_language, title_of
from cac.codes import Icd10cm, load_icd10cm
from cac.coding import Code, CodeSystem, CodingResult, Suggestion
from cac.explanation import Explanation, Reason
from cac.learn.known import finder_version
from cac.learn.model import LearnedModel, ScoredCode
from cac.note import AnnotatedNote, Note
from cac.rank import Convention
from cac.read import read_note
from cac.versions import code_set_versions


class LearnedSuggester:
    """Suggests the codes of a learnt model; its probabilities are calibrated."""

    def __init__(self, model: LearnedModel, systems: tuple[CodeSystem, ...] | None) -> None:
        self.systems = systems
        self._model = model

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        systems: tuple[CodeSystem, ...] | None = None,
        convention: Convention | None = None,
    ) -> LearnedSuggester:
        """Load a bundle; its own convention cannot be replaced.

        Raises:
            BundleError: the folder is no bundle, damaged, or made for another reader.
            SettingsError: a convention other than the bundle's is asked for.
        """
        model = LearnedModel.load(folder)
        own = model.manifest.convention
        require_convention(folder.name, own, convention, mend="learn another bundle")
        return cls(model, systems)

    @cached_property
    def model_version(self) -> str:
        """This version, what was learnt, the weights of its context, and the finder's rules."""
        manifest = self._model.manifest
        learnt = f"{manifest.corpus}.{manifest.language}.{manifest.corpus_digest[:12]}"
        weights = f".context.{manifest.context_digest[:12]}" if manifest.context_digest else ""
        rules = f".rules.{finder_version(manifest.language)}" if manifest.finder else ""
        return f"cac-{__version__}+{learnt}{weights}{rules}"

    @cached_property
    def thresholds(self) -> dict[CodeSystem, float]:
        """The probability from which codes of each system are suggested."""
        return {system: self._model.threshold(system) for system in CodeSystem}

    def suggest(
        self, note: Note, *, top_k: int | None = None, min_probability: float | None = None
    ) -> CodingResult:
        """Return the codes whose probability reaches the threshold of their system."""
        require_language(note, self._model.manifest.language, made="learnt")
        codes = load_icd10cm(service_date=note.service_date)
        annotated = read_note(note)
        scored = [s for s in self._model.predict(annotated) if self._shown(s, min_probability)]
        return CodingResult(
            note_id=note.note_id,
            suggestions=tuple(
                _suggestion(codes, annotated, found, rank)
                for rank, found in enumerate(scored[:top_k], start=1)
            ),
            model_version=self.model_version,
            code_set_versions={**code_set_versions(codes), **self._model.manifest.sources},
            convention=self._model.manifest.convention,
            calibrated=True,
        )

    def explain(self, note: Note, code: Code) -> Explanation:
        """Say which words of the note the model takes as evidence of the code."""
        require_language(note, self._model.manifest.language, made="learnt")
        found = next((s for s in self._model.predict(read_note(note)) if s.code == code), None)
        if found is None:
            message = "No learnt or official term of this code stands in the note."
            return Explanation(code, False, None, None, (Reason("no-mention", message),))
        return Explanation(
            code, found.suggested, None, found.probability, tuple(self._reasons(found))
        )

    def _reasons(self, found: ScoredCode) -> Iterator[Reason]:
        for mention in found.mentions:
            message = f"words learnt as evidence, probability {mention.probability:.2f}"
            yield Reason("mention", message, mention.spans)
        threshold = self._model.threshold(found.code.system)
        yield Reason("score", f"probability {found.probability:.2f}, threshold {threshold:.2f}")

    def _shown(self, found: ScoredCode, min_probability: float | None) -> bool:
        if self.systems is not None and found.code.system not in self.systems:
            return False
        if min_probability is None:
            return found.suggested
        return found.probability >= min_probability


def _suggestion(
    codes: Icd10cm, annotated: AnnotatedNote, found: ScoredCode, rank: int
) -> Suggestion:
    evidence = tuple(
        evidence_at(annotated, span, mention.probability, number)
        for number, mention in enumerate(found.mentions, start=1)
        for span in mention.spans
    )
    title = title_of(codes, found.code)
    return Suggestion(found.code, title, found.probability, rank, evidence, band=found.band)

"""Read, find and rank joined: a note in, ranked suggestions out."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from cac import __version__
from cac.bundle_places import bundle_folder
from cac.bundles import MANIFEST, read_manifest
from cac.classified_suggester import ClassifiedSuggester
from cac.codes import Icd10cm, load_icd10cm
from cac.coding import Code, CodeSystem, CodingResult, Mention
from cac.errors import BundleError
from cac.explain import explain
from cac.explanation import Explanation
from cac.find.load import load_finder, rules_version
from cac.learned_suggester import LearnedSuggester
from cac.note import AnnotatedNote, Note
from cac.rank import Convention, Ranker, Ranking
from cac.read import read_note
from cac.versions import code_set_versions


class Suggester:
    """Suggests codes for notes.

    >>> suggester = Suggester.load()
    >>> result = suggester.suggest(Note("1", "Assessment: type 2 diabetes with CKD stage 3b."))
    >>> [s.code.value for s in result.suggestions]
    ['E11.22', 'N18.32']
    """

    def __init__(
        self,
        *,
        systems: tuple[CodeSystem, ...] | None = None,
        convention: Convention | None = None,
    ) -> None:
        self.systems = systems
        self.convention = convention

    @classmethod
    def load(
        cls,
        bundle: Path | str | None = None,
        *,
        systems: tuple[CodeSystem, ...] | None = None,
        convention: str | None = None,
    ) -> Suggester | LearnedSuggester | ClassifiedSuggester:
        """Load a bundle, or what ships where there is none.

        ``bundle`` is a folder, or ``models:/NAME@ALIAS`` of the MLflow registry.

        Raises:
            BundleError: the bundle is damaged, older, made for another reader, or needs libraries
                that are not installed.
            SettingsError: the convention is unknown.

        """
        named = Convention.load(convention) if convention else None
        if bundle is None:
            return cls(systems=systems, convention=named)
        folder = bundle_folder(bundle)
        return _opener(folder).open(folder, systems=systems, convention=named)

    @cached_property
    def model_version(self) -> str:
        """What answers: this version and its rules."""
        return f"cac-{__version__}+rules.{rules_version()}"

    def suggest(
        self, note: Note, *, top_k: int | None = None, min_probability: float | None = None
    ) -> CodingResult:
        """Return ranked suggestions, and what was found but is not suggested.

        ``min_probability`` replaces the convention's cut.
        """
        codes = load_icd10cm(service_date=note.service_date)
        annotated = read_note(note)
        ranking = self._rank(codes, annotated, self._find(codes, annotated), min_probability)
        suggestions = [s for s in ranking.suggestions if self._wanted(s.code)][:top_k]
        return CodingResult(
            note_id=note.note_id,
            suggestions=tuple(replace(s, rank=n) for n, s in enumerate(suggestions, start=1)),
            model_version=self.model_version,
            code_set_versions=code_set_versions(codes),
            convention=ranking.convention,
            calibrated=ranking.calibrated,
            rejected=ranking.rejected,
        )

    def explain(self, note: Note, code: Code) -> Explanation:
        """Say why, or why not, the note gets the code."""
        codes = load_icd10cm(service_date=note.service_date)
        annotated = read_note(note)
        mentions = self._find(codes, annotated)
        ranking = self._rank(codes, annotated, mentions, None)
        return explain(codes, annotated, mentions, ranking, code)

    def _find(self, codes: Icd10cm, annotated: AnnotatedNote) -> tuple[Mention, ...]:
        return load_finder(codes, annotated.note.language).find(annotated)

    def _rank(
        self,
        codes: Icd10cm,
        annotated: AnnotatedNote,
        mentions: tuple[Mention, ...],
        min_probability: float | None,
    ) -> Ranking:
        ranker = Ranker(codes, self.convention)
        return ranker.rank(
            annotated,
            mentions,
            annotated.note.setting,
            include_rejected=True,
            min_probability=min_probability,
        )

    def _wanted(self, code: Code) -> bool:
        return self.systems is None or code.system in self.systems


def _opener(folder: Path) -> type[LearnedSuggester] | type[ClassifiedSuggester]:
    """Return what opens a bundle of the schema that its manifest states."""
    schema = read_manifest(folder, "Name the folder of a bundle.")["schema"]
    kinds = {
        "cac.learned": LearnedSuggester,
        "cac.classifier": ClassifiedSuggester,
    }
    kind = str(schema).partition("/")[0]
    if kind not in kinds:
        raise BundleError(
            f"{folder / MANIFEST} has schema {schema!r}. Known: {', '.join(sorted(kinds))}."
        )
    return kinds[kind]

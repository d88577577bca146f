"""Read, find and rank joined: a note in, ranked suggestions out."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from cac import __version__
from cac.bundle_places import DEFAULT, bundle_folder
from cac.bundles import MANIFEST, read_manifest, require_libraries
from cac.classified_suggester import ClassifiedSuggester
from cac.codes import Icd10cm, load_icd10cm
from cac.coding import Code, CodeSystem, CodingResult, Mention
from cac.errors import BundleError
from cac.explain import explain
from cac.explanation import Explanation
from cac.find.load import load_finder, rules_version
from cac.learned_suggester import LearnedSuggester
from cac.mention_context import MentionContext
from cac.note import AnnotatedNote, Note
from cac.rank import Convention, Ranker, Ranking, guess_setting
from cac.read import read_note
from cac.versions import code_set_versions

_log = logging.getLogger(__name__)


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
        context: MentionContext | None = None,
    ) -> None:
        self.systems = systems
        self.convention = convention
        self.context = context

    @classmethod
    def load(
        cls,
        bundle: Path | str | None = None,
        *,
        systems: tuple[CodeSystem, ...] | None = None,
        convention: str | None = None,
    ) -> Suggester | LearnedSuggester | ClassifiedSuggester:
        """Load a bundle, or the finder and the rules where there is none.

        ``bundle`` is a folder, ``models:/NAME@ALIAS`` of the MLflow registry, or ``default``: the
        bundle that ships, which the finder and the rules stand in for where torch is not
        installed (the logger ``cac.suggester`` says so, and so does ``model_version``).

        Raises:
            BundleError: the bundle is damaged, older, made for another reader, or needs libraries
                that are not installed.
            SettingsError: the convention is unknown.

        """
        named = Convention.load(convention) if convention else None
        if bundle is None or (bundle == DEFAULT and not _can_open_default()):
            return cls(systems=systems, convention=named)
        folder = bundle_folder(bundle)
        return _opener(folder).open(folder, systems=systems, convention=named)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        systems: tuple[CodeSystem, ...] | None = None,
        convention: Convention | None = None,
    ) -> Suggester:
        """Load a bundle that scores the finder's mentions in their context, for any convention.

        Raises:
            BundleError: the folder is no bundle, damaged, or needs what is not installed.
        """
        context = MentionContext.open(folder)
        return cls(systems=systems, convention=convention, context=context)

    @cached_property
    def model_version(self) -> str:
        """What answers: this version, its rules, and what reads mentions in their context."""
        context = f".{self.context.version}" if self.context else ""
        return f"cac-{__version__}+rules.{rules_version()}{context}"

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
        mentions = load_finder(codes, annotated.note.language).find(annotated)
        if self.context is None or not self._weighs(self.context, annotated):
            return mentions
        self.context.require_reader(annotated.fingerprint)
        return self.context.weigh(annotated.note.text, mentions)

    def _weighs(self, context: MentionContext, annotated: AnnotatedNote) -> bool:
        """Tell whether the note is in the bundle's language, and its convention weighs context."""
        note = annotated.note
        if note.language != context.manifest.language:
            return False
        setting = note.setting or guess_setting(annotated)
        convention = self.convention or Convention.for_setting(setting)
        return convention.weight("context") != 0

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


def _can_open_default() -> bool:
    """Tell whether the libraries of the shipped bundle are installed; say so where not."""
    try:
        require_libraries(DEFAULT)
    except BundleError as error:
        _log.warning("%s", error)
        return False
    return True


def _opener(
    folder: Path,
) -> type[Suggester] | type[LearnedSuggester] | type[ClassifiedSuggester]:
    """Return what opens a bundle of the schema that its manifest states."""
    schema = read_manifest(folder, "Name the folder of a bundle.")["schema"]
    kinds: dict[str, type[Suggester] | type[LearnedSuggester] | type[ClassifiedSuggester]] = {
        "cac.context": Suggester,
        "cac.learned": LearnedSuggester,
        "cac.classifier": ClassifiedSuggester,
    }
    kind = str(schema).partition("/")[0]
    if kind not in kinds:
        raise BundleError(
            f"{folder / MANIFEST} has schema {schema!r}. Known: {', '.join(sorted(kinds))}."
        )
    return kinds[kind]

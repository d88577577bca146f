"""From mentions to ranked suggestions with their evidence and concerns."""

from __future__ import annotations

from collections.abc import Sequence

from cac.codes import Icd10cm
from cac.coding import Code, CodeSystem, Evidence, Mention, Suggestion
from cac.note import AnnotatedNote, Note, Setting
from cac.rank.calibration import Calibration
from cac.rank.case import Case, RankedCode, Ranking, Rejection, group_by_code
from cac.rank.concerns import ConcernRaiser
from cac.rank.convention import Convention
from cac.rank.evidence import gather_evidence, pieces_of
from cac.rank.excludes import notes_of
from cac.rank.score import Scorer, probability, scorer_for
from cac.rank.setting import guess_setting
from cac.rank.supports import Sorter
from cac.rank.weigh import Weigher, log_odds_of

_WEAKER = 0.5  # share of a vague mention's strength that it brings to the specific code


class Ranker:
    """Ranks the codes that the mentions of a note support, by a convention.

    Without a convention it is US billing by the setting of each note.
    """

    def __init__(
        self,
        code_set: Icd10cm,
        convention: Convention | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self.code_set = code_set
        self.convention = convention
        self.calibration = calibration
        self._notes = notes_of(code_set)

    def rank(
        self,
        annotated: AnnotatedNote,
        mentions: Sequence[Mention],
        setting: Setting | None = None,
        *,
        include_rejected: bool = False,
        min_probability: float | None = None,
    ) -> Ranking:
        """Return the suggestions of a note, likeliest first.

        ``setting`` is guessed from the note where not given; ``min_probability`` replaces
        the convention's cut.
        """
        setting = setting or guess_setting(annotated)
        convention = self.convention or Convention.for_setting(setting)
        cut = convention.cut if min_probability is None else min_probability
        sorting = Sorter(annotated, self.code_set, convention).sort(mentions)
        scorer = scorer_for(annotated, mentions, sorting.supports, convention)
        cases = self._weighed(group_by_code(sorting.supports), scorer)
        shown = [c for c in cases if not c.dropped and self._probability(c) >= cut]
        raiser = ConcernRaiser(self._notes, annotated.note.service_date, setting)
        raiser.raise_all([c for c in shown if c.system is CodeSystem.ICD10CM], cases)
        suggestions = self._suggestions(shown, annotated.note, scorer)
        rejections = sorting.rejections if include_rejected else ()
        return Ranking(
            suggestions=suggestions,
            rejected=self._rejected(rejections, cases, annotated.note),
            ranked=tuple(self._considered(case) for case in cases),
            convention=convention.name,
            setting=setting,
            calibrated=self.calibration is not None,
        )

    def _weighed(self, cases: list[Case], scorer: Scorer) -> list[Case]:
        for case in cases:
            scorer.score(case)
            if self.calibration is not None:
                case.parts = self.calibration.weigh(case.parts)
        diagnoses = [c for c in cases if self._is_known(c)]
        others = [c for c in cases if not self._is_known(c)]
        convention = scorer.convention
        cut, live = self._log_odds(convention.cut), self._log_odds(convention.live)
        Weigher(self.code_set, convention, cut, live).weigh(diagnoses)
        return sorted(diagnoses + others, key=lambda c: (-c.log_odds, c.position, c.value))

    def _probability(self, case: Case) -> float:
        if self.calibration is None:
            return probability(case.log_odds)
        return self.calibration.probability(case.log_odds)

    def _log_odds(self, probability: float) -> float:
        if self.calibration is None or not probability:
            return log_odds_of(probability)
        return self.calibration.log_odds(probability)

    def _suggestions(
        self, cases: Sequence[Case], note: Note, scorer: Scorer
    ) -> tuple[Suggestion, ...]:
        return tuple(
            self._suggestion(case, rank, _evidence(case, note, scorer))
            for rank, case in enumerate(cases, start=1)
        )

    def _suggestion(self, case: Case, rank: int, evidence: tuple[Evidence, ...]) -> Suggestion:
        return Suggestion(
            code=Code(case.system, case.value),
            description=self._title(case),
            probability=self._probability(case),
            rank=rank,
            evidence=evidence,
            concerns=tuple(case.concerns),
        )

    def _considered(self, case: Case) -> RankedCode:
        code = Code(case.system, case.value)
        return RankedCode(code, self._probability(case), dict(case.parts), case.dropped)

    def _is_known(self, case: Case) -> bool:
        return case.system is CodeSystem.ICD10CM and self.code_set.is_valid(case.value)

    def _title(self, case: Case) -> str:
        if self._is_known(case):
            return self.code_set.title(case.value)
        return case.supports[0].candidate.term

    def _rejected(
        self, rejections: Sequence[Rejection], cases: Sequence[Case], note: Note
    ) -> tuple[Suggestion, ...]:
        coded = {case.value for case in cases}
        by_code: dict[Code, list[Rejection]] = {}
        for rejection in rejections:
            if rejection.code.value not in coded:
                by_code.setdefault(rejection.code, []).append(rejection)
        return tuple(self._rejection(code, found, note) for code, found in by_code.items())

    def _rejection(self, code: Code, found: Sequence[Rejection], note: Note) -> Suggestion:
        pieces = [piece for r in found for piece in pieces_of(r.mention, r.assertion, 1.0)]
        known = code.system is CodeSystem.ICD10CM and self.code_set.is_valid(code.value)
        return Suggestion(
            code=code,
            description=self.code_set.title(code.value) if known else found[0].term,
            probability=0.0,
            rank=0,
            evidence=gather_evidence(note, pieces),
            rejected_because=found[0].reason,
        )


def _evidence(case: Case, note: Note, scorer: Scorer) -> tuple[Evidence, ...]:
    supports = [(s, 1.0) for s in case.supports] + [(s, _WEAKER) for s in case.weaker]
    pieces = [
        piece
        for support, share in supports
        for piece in pieces_of(support.mention, support.assertion, share * scorer.strength(support))
    ]
    return gather_evidence(note, pieces)

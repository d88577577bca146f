"""What ranking works on: a code with the mentions that speak for it, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cac.coding import Candidate, Code, CodeSystem, Concern, Mention, Suggestion
from cac.note import Assertion, Setting, Span
from cac.rank.context import Context


@dataclass(frozen=True, slots=True)
class Support:
    """One mention's word for one code.

    ``value`` is the code supported, which differs from the candidate's where a history or
    family history code takes its place; ``place`` is the candidate's rank in its mention
    (0 best); ``assertion`` is the most telling one.
    """

    value: str
    mention: Mention
    candidate: Candidate
    assertion: Assertion
    place: int
    context: Context
    origin: str = "text"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A code that a mention would have supported, and why it does not."""

    code: Code
    term: str
    mention: Mention
    assertion: Assertion
    reason: str


@dataclass(slots=True, eq=False)
class Case:
    """A code under consideration, one object a code; ``parts`` are its named log-odds.

    ``weaker`` are supports of a less specific code that gave way to this one; ``after`` holds
    the codes that are sequenced before it.
    """

    value: str
    supports: list[Support]
    weaker: list[Support] = field(default_factory=list)
    after: set[str] = field(default_factory=set)
    parts: dict[str, float] = field(default_factory=dict)
    concerns: list[Concern] = field(default_factory=list)
    dropped: str = ""

    @property
    def log_odds(self) -> float:
        """The sum of the parts."""
        return sum(self.parts.values())

    @property
    def system(self) -> CodeSystem:
        """The code system, which its mentions bring."""
        return self.supports[0].candidate.code.system

    @property
    def position(self) -> int:
        """Where the first mention starts."""
        return min(support.mention.spans[0].start for support in self.supports)

    def add_concern(self, kind: str, message: str) -> None:
        """Add a concern once."""
        concern = Concern(kind, message)
        if concern not in self.concerns:
            self.concerns.append(concern)


@dataclass(frozen=True, slots=True)
class RankedCode:
    """A code considered, with the named parts of its log-odds, for those who ask why."""

    code: Code
    probability: float
    parts: dict[str, float]
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer of a ranker.

    ``suggestions`` reach the convention's cut; ``rejected`` is filled when asked for;
    ``ranked`` holds every code considered, also those below the cut or dropped.
    """

    suggestions: tuple[Suggestion, ...]
    rejected: tuple[Suggestion, ...]
    ranked: tuple[RankedCode, ...]
    convention: str
    setting: Setting
    calibrated: bool

    def explain(self, value: str) -> RankedCode | None:
        """Return what came of one code, or None where no mention named it."""
        return next((r for r in self.ranked if r.code.value == value), None)


def group_by_code(supports: Iterable[Support]) -> list[Case]:
    """Gather supports into one case a code, in order of first mention."""
    cases: dict[str, Case] = {}
    for support in supports:
        cases.setdefault(support.value, Case(support.value, [])).supports.append(support)
    return list(cases.values())


def spans_of(case: Case) -> set[Span]:
    """Return every span that supports the case."""
    return {span for support in case.supports for span in support.mention.spans}

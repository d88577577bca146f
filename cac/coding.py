"""What is answered: codes, evidence, suggestions, decisions. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cac.errors import SettingsError
from cac.note import Assertion, Note, Span

_URIS = {
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10-PCS": "http://www.cms.gov/Medicare/Coding/ICD10",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "ICD-9-CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD-9-PCS": "http://hl7.org/fhir/sid/icd-9-cm-procedures",
}


class CodeSystem(StrEnum):
    """The code systems, by the names that users write (FHIR ``uri`` beside)."""

    ICD10CM = "ICD-10-CM"
    ICD10PCS = "ICD-10-PCS"
    CPT = "CPT"
    HCPCS = "HCPCS"
    ICD9CM = "ICD-9-CM"
    ICD9PCS = "ICD-9-PCS"

    @property
    def uri(self) -> str:
        """The system's URI in FHIR R4 and R5."""
        return _URIS[self.value]

    @classmethod
    def parse(cls, name: str) -> CodeSystem:
        """Read ``icd10cm``, ``ICD-10-CM`` and the like; raise SettingsError otherwise."""
        wanted = "".join(c for c in name.upper() if c.isalnum())
        for system in cls:
            if wanted in (system.name, system.value.replace("-", "")):
                return system
        known = ", ".join(system.value for system in cls)
        raise SettingsError(f"Unknown code system {name!r}. Known: {known}.")


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code in canonical form: upper case, with the dot where the system has one."""

    system: CodeSystem
    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the untouched note that supports a code; ``weight`` lies in 0..1.

    The pieces of a discontinuous mention share the number ``mention``, which counts within their
    suggestion; None: the span is a mention by itself.
    """

    span: Span
    text: str
    section: str
    assertion: Assertion
    weight: float = 1.0
    mention: int | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """Something for the coder to look at; shown, never applied.

    ``kind`` is one word of a closed list: ``unspecified``, ``encounter``, ``excludes1``,
    ``code-first``, ``use-additional``, ``uncertain``, ``integral``, ``history``, ``not-valid``,
    ``ambiguous``, ``manifestation``, ``setting``.
    """

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that a mention may stand for, before ranking.

    ``weight`` (0..1) is how well the words match the term; ``term`` is the term matched and
    ``source`` where it comes from (title, inclusion, index, neoplasm, synonym, abbreviation,
    learned, assembled); ``missing`` names what the text leaves open (side, type, stage,
    encounter, trimester). ``context`` are the log-odds, by a trained scorer, that the words mean
    the code where they stand; None where none has read them.
    """

    code: Code
    weight: float
    term: str
    source: str
    missing: tuple[str, ...] = ()
    context: float | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the note with the codes that they may stand for, best first.

    ``spans`` are in order; several where the mention is discontinuous. ``section`` is the
    category; ``assertions`` are the union over the spans, ``cues`` what caused them;
    ``extent`` goes from the first character to the last.
    """

    spans: tuple[Span, ...]
    candidates: tuple[Candidate, ...]
    section: str
    assertions: tuple[Assertion, ...]
    cues: tuple[Span, ...] = ()
    extent: Span = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "extent", Span(self.spans[0].start, self.spans[-1].end))


class Band(StrEnum):
    """How far a suggestion may be trusted, by a bound that held on dev notes.

    ``ACCEPT``: at least the wished share of such suggestions is right, with the stated
    confidence; ``REVIEW``: suggested without that promise; ``ABSTAIN``: below the threshold,
    shown only where asked for.
    """

    ACCEPT = "accept"
    REVIEW = "review"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A code for a person to accept, reject or replace.

    ``probability`` is calibrated only where the result says so; ``band`` is set by models that
    have bands; ``rejected_because`` is set on what is listed for completeness alone (negated,
    hypothetical, someone else's).
    """

    code: Code
    description: str
    probability: float
    rank: int
    evidence: tuple[Evidence, ...]
    concerns: tuple[Concern, ...] = ()
    rejected_because: str = ""
    band: Band | None = None

    @property
    def mention_numbers(self) -> tuple[int, ...]:
        """The number of each piece's mention, from 1 in the order of their first pieces."""
        numbers: dict[tuple[bool, int], int] = {}
        places = enumerate(self.evidence)
        keys = [(True, p) if e.mention is None else (False, e.mention) for p, e in places]
        return tuple(numbers.setdefault(key, len(numbers) + 1) for key in keys)

    @property
    def mentions(self) -> tuple[tuple[Evidence, ...], ...]:
        """The evidence by mention, in the order of their numbers; pieces as in the text."""
        groups: dict[int, list[Evidence]] = {}
        for number, evidence in zip(self.mention_numbers, self.evidence, strict=True):
            groups.setdefault(number, []).append(evidence)
        return tuple(tuple(sorted(group, key=lambda e: e.span)) for group in groups.values())


@dataclass(frozen=True, slots=True)
class CodingResult:
    """The answer for one note, with the versions that it rests on."""

    note_id: str
    suggestions: tuple[Suggestion, ...]
    model_version: str
    code_set_versions: Mapping[str, str]
    convention: str
    calibrated: bool = False
    rejected: tuple[Suggestion, ...] = ()


class ReviewAction(StrEnum):
    """What a coder does with a suggestion."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    REPLACE = "REPLACE"
    ADD = "ADD"


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """One decision of a coder (FHIR Provenance)."""

    note_id: str
    code: Code
    action: ReviewAction
    reviewer: str
    decided_at: datetime
    model_version: str
    replacement: Code | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """An annotated code and its spans (several where discontinuous; none where unknown)."""

    code: Code
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class CodedNote:
    """A note with its gold or accepted codes, in order of sequence where that is known."""

    note: Note
    codes: tuple[Code, ...]
    evidence: tuple[CodeEvidence, ...] = field(default=())

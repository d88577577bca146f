"""How a system fares by section, type of note and stated sex, and where it errs: by offsets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cac.coding import Code, CodedNote, Suggestion
from cac.metrics.counts import precision_recall_f1
from cac.note import AnnotatedNote, Note, Span
from cac.read import read_note
from cac.read.sex import stated_sex
from training.report.figures import Paired

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SectionRow:
    """Suggested codes by the section of their heaviest evidence, gold spans by their own.

    ``precision`` is the share of the codes that are gold; ``recall`` the share of the gold spans
    whose code is suggested. NaN where nothing stands in the section.
    """

    section: str
    n_suggested: int
    precision: float
    n_gold_spans: int
    recall: float


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Micro figures of the notes of one type, or of one sex."""

    group: str
    n_notes: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A code suggested but not gold (``false_positive``), or gold but not suggested.

    ``rank`` is 0 and ``probability`` NaN where the code is not ranked at all; ``spans`` are the
    evidence shown, or the gold evidence, as half-open characters.
    """

    note_id: str
    system: str
    code: str
    kind: str
    rank: int
    probability: float
    spans: tuple[Span, ...]


def section_table(paired: Paired) -> list[SectionRow]:
    """Return one row a section, those with most suggested codes first."""
    suggested, correct, gold, found = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for coded, chosen in suggested_by_note(paired):
        for s in chosen:
            section = max(s.evidence, key=lambda e: e.weight).section if s.evidence else "none"
            suggested[section] += 1
            correct[section] += s.code in coded.codes
        codes = {s.code for s in chosen}
        for section, code in _gold_sections(coded):
            gold[section] += 1
            found[section] += code in codes
    return [
        SectionRow(
            name,
            suggested[name],
            _share(correct[name], suggested[name]),
            gold[name],
            _share(found[name], gold[name]),
        )
        for name in sorted(suggested.keys() | gold.keys(), key=lambda n: (-suggested[n], n))
    ]


def note_type_table(paired: Paired) -> list[GroupRow]:
    """Return one row a type of note, the commonest first."""
    return _by_group(paired, lambda note: note.note_type or _UNKNOWN)


def sex_table(paired: Paired) -> list[GroupRow]:
    """Return one row a sex that the texts state of their patients, the commonest first."""
    return _by_group(paired, lambda note: stated_sex(read_note(note)).value)


def _by_group(paired: Paired, group_of: Callable[[Note], str]) -> list[GroupRow]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for coded, chosen in suggested_by_note(paired):
        row, codes = counts[group_of(coded.note)], {s.code for s in chosen}
        row.update(
            notes=1,
            correct=len(codes & set(coded.codes)),
            predicted=len(codes),
            gold=len(set(coded.codes)),
        )
    rows = []
    for name, count in sorted(counts.items(), key=lambda item: (-item[1]["notes"], item[0])):
        micro = precision_recall_f1(count["correct"], count["predicted"], count["gold"])
        rows.append(GroupRow(name, count["notes"], micro.precision, micro.recall, micro.f1))
    return rows


def error_table(paired: Paired) -> Iterator[ErrorRow]:
    """Yield every error, note by note, the highest ranks first."""
    for (coded, chosen), ranked in zip(
        suggested_by_note(paired), paired.pairing.suggestions, strict=True
    ):
        codes = {s.code for s in chosen}
        for s in chosen:
            if s.code not in coded.codes:
                spans = tuple(e.span for e in s.evidence)
                yield _error(coded, s.code, "false_positive", s, spans)
        by_code = {s.code: s for s in ranked}
        for code in dict.fromkeys(coded.codes):
            if code not in codes:
                spans = tuple(p for e in coded.evidence if e.code == code for p in e.spans)
                yield _error(coded, code, "false_negative", by_code.get(code), spans)


def evidence_share(paired: Paired) -> float:
    """Return the share of suggested codes that have evidence; NaN where none is suggested."""
    chosen = [s for _, found in suggested_by_note(paired) for s in found]
    return _share(sum(bool(s.evidence) for s in chosen), len(chosen))


def suggested_by_note(paired: Paired) -> Iterator[tuple[CodedNote, list[Suggestion]]]:
    """Yield each gold note with its suggestions, ranked but not suggested codes left out."""
    column = {code: number for number, code in enumerate(paired.pairing.codes)}
    for row, (coded, found) in enumerate(
        zip(paired.pairing.gold, paired.pairing.suggestions, strict=True)
    ):
        chosen = set(paired.predicted[row].indices.tolist())
        yield coded, [s for s in found if column[s.code] in chosen]


def _gold_sections(coded: CodedNote) -> Iterator[tuple[str, Code]]:
    if not coded.evidence:
        return
    annotated = read_note(coded.note)
    for evidence in coded.evidence:
        for span in evidence.spans:
            yield _section(annotated, span), evidence.code


def _section(annotated: AnnotatedNote, span: Span) -> str:
    found = annotated.section_at(span)
    return found.category if found else "other"


def _error(
    coded: CodedNote, code: Code, kind: str, ranked: Suggestion | None, spans: Sequence[Span]
) -> ErrorRow:
    rank, probability = (ranked.rank, ranked.probability) if ranked else (0, float("nan"))
    note_id, system = coded.note.note_id, code.system.value
    return ErrorRow(note_id, system, code.value, kind, rank, probability, tuple(spans))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")

"""What is said of a concept: NegEx/ConText sentences, each with one concept given.

The concept's span is asked for its assertions. POSSIBLE is kept apart from NEGATED. Temporality
is given twice: by what the sentence says, and with the section counted too, since the annotators
called historical whatever stands under "Past medical history" while the reader leaves a disease
listed there PRESENT. A third of the historical concepts are bare lines ("HYPERTENSION.") whose
section is not in the sentence: nobody can tell them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.results import Row
from cac.corpus import data_folder
from cac.corpus.negex import load_concepts
from cac.metrics.bootstrap import bootstrap_interval, ratio_statistic
from cac.note import Assertion
from cac.read import Reader

_HISTORY_SECTIONS = frozenset({"past_medical_history", "past_surgical_history"})
_Outcome = tuple[bool, bool]


def run(data: Path | None = None) -> list[Row]:
    """Measure negation, temporality and experiencer on the sentences of NegEx dev."""
    reader = Reader("en")
    negated: list[_Outcome] = []
    historical: list[_Outcome] = []
    sectioned: list[_Outcome] = []
    other: list[_Outcome] = []
    hypothetical: list[_Outcome] = []
    for found in load_concepts(data or data_folder()):
        annotated = reader.read(found.sentence)
        said = set(annotated.assertions_of(found.concept))
        gold = set(found.assertions)
        section = annotated.section_at(found.concept)
        listed = section is not None and section.category in _HISTORY_SECTIONS
        past = Assertion.HISTORICAL in said
        negated.append((Assertion.NEGATED in gold, Assertion.NEGATED in said))
        historical.append((Assertion.HISTORICAL in gold, past))
        sectioned.append((Assertion.HISTORICAL in gold, past or listed))
        other.append((Assertion.OTHER_SUBJECT in gold, Assertion.OTHER_SUBJECT in said))
        hypothetical.append((Assertion.HYPOTHETICAL in gold, Assertion.HYPOTHETICAL in said))
    return [
        _f1("NegEx dev: negation F1", negated, ">= 0.975"),
        _f1("NegEx dev: historical F1", historical, ">= 0.80"),
        _f1("NegEx dev: historical F1, history sections counted", sectioned, ""),
        _f1("NegEx dev: hypothetical F1 ('not particular')", hypothetical, ""),
        _f1("NegEx dev: other experiencer F1 (2 sentences)", other, ">= 0.90"),
    ]


def _f1(what: str, outcomes: list[_Outcome], target: str) -> Row:
    gold, said = np.array(outcomes, dtype=np.float64).T
    both = gold * said
    interval = bootstrap_interval(ratio_statistic(2 * both, gold + said), len(outcomes))
    return {
        "what": what,
        "figure": interval.value,
        "low": interval.low,
        "high": interval.high,
        "n": len(outcomes),
        "target": target,
    }


if __name__ == "__main__":
    for row in run(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(row)

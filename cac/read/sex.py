"""The patient's sex, where the text states it: never from a name, and never guessed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from cac.note import AnnotatedNote, Assertion, Span

KINDS = ("said", "title", "subject")
"""How a text states the sex, the plainest first: a later kind counts where no earlier one does."""

# A person who is brought in by one of these is not the patient.
_SOMEONE_ELSE = re.compile(
    r"\b(?:born to|delivered by|daughter|son|mother|father|wife|husband|sister|brother|partner"
    r"|donor|(?:su|de) (?:madre|padre|hij[oa]|espos[oa]|marido|herman[oa])|hij[oa] de|donante)\b"
    r"[^.;\n]{0,30}$",
    re.IGNORECASE,
)
_N_BEFORE = 50
_LEAST_SHARE = 0.8


class Sex(StrEnum):
    """The sex that a note states of its patient."""

    FEMALE = "female"
    MALE = "male"
    NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class SexRule:
    """A pattern with a group by sex, and the sentences that it exists for."""

    kind: str
    pattern: re.Pattern[str]
    examples: tuple[tuple[Sex, str], ...]


@cache
def load_sex_rules(language: str) -> tuple[SexRule, ...]:
    """Load the rules of a language; none where the package has none."""
    file = files("cac.read.rules").joinpath(f"{language}_sex.json")
    return tuple(_rule(data) for data in json.loads(file.read_text("utf-8")))


def stated_sex(annotated: AnnotatedNote) -> Sex:
    """Return what most statements of the plainest kind say; of as many, what the first says.

    Subjects of sentences count only where hardly any is of the other sex.
    """
    rules = load_sex_rules(annotated.note.language)
    for kind in KINDS:
        said = sorted(s for rule in rules if rule.kind == kind for s in _said(annotated, rule))
        for sex, n in Counter(sex for _, sex in said).most_common(1):
            if kind != "subject" or n >= _LEAST_SHARE * len(said):
                return sex
    return Sex.NOT_STATED


def _said(annotated: AnnotatedNote, rule: SexRule) -> Iterator[tuple[int, Sex]]:
    for match in rule.pattern.finditer(annotated.note.text):
        group = match.lastgroup or ""
        if _is_of_patient(annotated, Span(*match.span(group))) and not _SOMEONE_ELSE.search(
            annotated.note.text, max(match.start() - _N_BEFORE, 0), match.start()
        ):
            yield match.start(), Sex(group.rstrip("2"))


def _is_of_patient(annotated: AnnotatedNote, span: Span) -> bool:
    section = annotated.section_at(span)
    if section is not None and section.category == "family_history":
        return False
    return Assertion.OTHER_SUBJECT not in annotated.assertions_of(span)


def _rule(data: dict[str, Any]) -> SexRule:
    examples = tuple((sex, text) for sex in Sex for text in data[sex.value])
    return SexRule(data["kind"], re.compile(data["pattern"], re.IGNORECASE), examples)

"""The rule files are medspaCy's: its own classes take every rule for what it is here."""

from __future__ import annotations

import pytest

from cac.errors import SettingsError
from cac.read.rule import ContextRule
from cac.read.rule_files import LANGUAGES, load_rules


@pytest.mark.parametrize("language", LANGUAGES)
def test_medspacy_takes_the_context_rules(language: str) -> None:
    from medspacy.context.context_rule import ConTextRule

    for rule in load_rules(language).context:
        theirs = ConTextRule(
            rule.literal,
            rule.category,
            rule.pattern,
            rule.direction,
            max_scope=rule.max_scope,
            terminated_by=set(rule.terminated_by),
            metadata=dict(rule.metadata),
        )
        assert (theirs.category, theirs.direction) == (rule.category, rule.direction)
        assert theirs.terminated_by == rule.terminated_by
        assert theirs.max_scope == rule.max_scope


@pytest.mark.parametrize("language", LANGUAGES)
def test_medspacy_takes_the_section_rules(language: str) -> None:
    from medspacy.section_detection.section_rule import SectionRule

    rules = load_rules(language)
    for rule in (*rules.sections, *rules.subheaders):
        theirs = SectionRule(rule.literal, rule.category, rule.pattern)
        assert (theirs.literal, theirs.category) == (rule.literal, rule.category)


def test_a_direction_that_does_not_exist_is_named() -> None:
    with pytest.raises(SettingsError, match=r"'SIDEWAYS' of rule 'no'; allowed: FORWARD"):
        ContextRule("no", "NEGATED", "SIDEWAYS")

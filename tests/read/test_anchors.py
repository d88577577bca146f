"""Patterns are tried only around their anchors, and yet miss nothing that they would meet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cac.read.cues import CueFinder
from cac.read.rule_files import LANGUAGES, load_rules
from cac.read.tokens import tokenize

_DATA = Path(__file__).parent / "data"
_KIN = "Her {} was diagnosed with gout. His {}'s gout. {} gout. Gout ({}). A {} with gout."
_RELATIVES = (
    "mother sisters grandfather grand-mother great-grandparents grandma mom mgm half-brother "
    "roommate room-mates co-worker neighbour fiancée stepmother mother-in-law"
).split()


def _texts(language: str, parse: Any) -> list[str]:
    marked = (_DATA / f"marked_{language}.txt").read_text(encoding="utf-8").splitlines()
    examples = [rule.metadata["example"] for rule in load_rules(language).context]
    texts = [parse(text, cues=True).text for text in [*marked, *examples]]
    return texts + [_KIN.replace("{}", word) for word in _RELATIVES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_anchors_miss_nothing(language: str, parse: Any) -> None:
    texts = [(text, tokenize(text)) for text in dict.fromkeys(_texts(language, parse))]
    for rule in load_rules(language).context:
        if rule.pattern is None:
            continue
        pattern = re.compile(rule.pattern, re.IGNORECASE)
        finder = CueFinder([rule])
        for text, tokens in texts:
            met = {match.start() for match in pattern.finditer(text) if match.group()}
            found = {tokens.starts[cue.first] for cue in finder.find(text, tokens)}
            assert found == met & set(tokens.starts), (rule.literal, text)

"""The probes themselves: complete, without contradiction, and valid in both fiscal years."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cac.codes import load_icd10cm
from cac.note import Setting

PROBES = [
    json.loads(line)
    for line in (Path(__file__).parent / "probes.jsonl").read_text("utf-8").splitlines()
]
FIELDS = {"id", "chapter", "kind", "setting", "text", "wanted", "unwanted", "why", "holdout"}
N_CHAPTERS = 22


def _bounds(chapter: str) -> tuple[str, str]:
    first, last = chapter.split("-")
    return first, last


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p["id"])
def test_a_probe_is_complete(probe: dict[str, Any]) -> None:
    assert set(probe) == FIELDS
    assert probe["setting"] in set(Setting)
    assert 1 <= len(probe["wanted"]) <= 4
    assert probe["unwanted"]
    assert probe["text"].strip()
    assert probe["text"].count("\n") < 5
    assert probe["why"]


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p["id"])
def test_codes_are_valid_and_do_not_contradict(probe: dict[str, Any]) -> None:
    releases = load_icd10cm("2026"), load_icd10cm("2027")
    for value in probe["wanted"]:
        assert all(release.is_billable(value) for release in releases), value
        assert not any(value.startswith(bad) for bad in probe["unwanted"]), value
    for value in probe["unwanted"]:
        assert any(release.is_valid(value) for release in releases), value


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p["id"])
def test_the_chapter_is_that_of_a_code_in_the_probe(probe: dict[str, Any]) -> None:
    first, last = _bounds(probe["chapter"])
    values = probe["wanted"] + probe["unwanted"]
    assert any(first <= value[:3] <= last for value in values)


def test_ids_are_unique() -> None:
    assert len({probe["id"] for probe in PROBES}) == len(PROBES)


def test_every_chapter_setting_and_kind_of_statement_is_there() -> None:
    chapters = Counter(probe["chapter"] for probe in PROBES)
    kinds = {probe["kind"] for probe in PROBES}
    assert len(PROBES) >= 220
    assert len(chapters) == N_CHAPTERS
    assert min(chapters.values()) >= 6
    assert {probe["setting"] for probe in PROBES} == set(Setting)
    assert {"negation", "possible", "history", "hypothetical", "family", "other-subject"} <= kinds


def test_a_third_is_held_out() -> None:
    share = sum(probe["holdout"] for probe in PROBES) / len(PROBES)
    assert 0.25 < share < 0.42

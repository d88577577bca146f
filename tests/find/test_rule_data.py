"""The finder's word data: of the layout that is read, with codes that are valid."""

import json
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from cac.codes import load_icd10cm

# A beginning of codes may be new in the newest release or gone from it: either counts.
RELEASES = ("2026", "2027")


def _rules(name: str) -> list[dict[str, Any]]:
    return json.loads((files("cac.find") / "rules" / f"{name}.json").read_text("utf-8"))


def _is_known(value: str) -> bool:
    releases = [load_icd10cm(release) for release in RELEASES]
    return any(release.is_valid(value) for release in releases)


def _hints(rows: list[dict[str, Any]]) -> set[str]:
    return {value for row in rows for value in row.get("codes_hint", ())}


@pytest.mark.parametrize("row", _rules("abbreviations"), ids=lambda row: row["abbr"])
def test_an_abbreviation_has_senses_and_at_most_one_default(row: dict[str, Any]) -> None:
    assert set(row) == {"abbr", "case_sensitive", "senses"}
    assert row["senses"]
    assert sum(bool(sense.get("default")) for sense in row["senses"]) <= 1
    for sense in row["senses"]:
        assert sense["expansion"] is None or sense["expansion"].strip()


def test_abbreviations_are_many_and_differ() -> None:
    rows = _rules("abbreviations")
    keys = Counter(row["abbr"] if row["case_sensitive"] else row["abbr"].lower() for row in rows)
    assert len(rows) >= 400
    assert max(keys.values()) == 1
    assert all(_is_known(v) for v in _hints([s for row in rows for s in row["senses"]]))


def test_the_ambiguous_ones_have_a_sense_that_blocks_or_a_context() -> None:
    senses = {row["abbr"]: row["senses"] for row in _rules("abbreviations")}
    for name in ("MS", "PE", "RA", "CP", "AS", "PT", "ED", "UC", "MI", "HD"):
        assert any(sense["expansion"] is None or sense.get("context") for sense in senses[name])


def test_synonyms_are_of_two_kinds_and_each_phrase_stands_once() -> None:
    rows = _rules("synonyms")
    phrases = [row for row in rows if row["kind"] == "phrase"]
    classes = [row for row in rows if row["kind"] == "equivalent"]
    assert len(phrases) + len(classes) == len(rows)
    assert len(rows) >= 500
    said = Counter(phrase.lower() for row in phrases for phrase in row["from"])
    assert max(said.values()) == 1
    assert all(row["to"].strip() for row in phrases)
    assert all(len(row["words"]) >= 2 and " " not in "".join(row["words"]) for row in classes)
    assert all(_is_known(value) for value in _hints(phrases))


def test_drugs_name_valid_codes_and_when_they_count() -> None:
    rows = _rules("drugs")
    release = load_icd10cm()
    assert {row["when"] for row in rows} == {"listed", "chronic", "stated"}
    for row in rows:
        assert row["code"].startswith("Z79")
        assert release.is_billable(row["code"])
        assert row["names"] == sorted(set(row["names"]))
        assert all(release.is_valid(value) for value in row.get("needs", ()))
    names = Counter(name for row in rows for name in row["names"])
    assert max(names.values()) == 1


def test_harms_name_codes_of_their_class_and_no_drug_twice() -> None:
    rows = json.loads((files("cac.find") / "rules" / "drug_harms.json").read_text("utf-8"))["rows"]
    release = load_icd10cm()
    for row in rows:
        assert all(release.is_valid(row["stem"] + harm) for harm in "125"), row["stem"]
        assert row["names"] == sorted(set(row["names"]))
    names = Counter(name for row in rows for name in row["names"])
    assert max(names.values()) == 1

from collections import Counter
from pathlib import Path

import pytest

from cac.codes import load_icd10cm, load_index, load_releases
from cac.coding import CodeSystem

_CARDS = sorted((Path(__file__).parents[2] / "data_cards").glob("codes_*.md"))
_FIELDS = ["code_set", "licence", "url", "use", "weights"]


def _card(name: str) -> str:
    return next(path for path in _CARDS if path.stem == name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _CARDS, ids=lambda path: path.stem)
def test_a_card_has_its_fields(path: Path) -> None:
    head = path.read_text(encoding="utf-8").split("---\n")[1]

    assert [line.split(": ")[0] for line in head.splitlines()] == _FIELDS


def test_every_code_system_has_a_card() -> None:
    named = ", ".join(path.read_text(encoding="utf-8").splitlines()[1] for path in _CARDS)

    for system in CodeSystem:
        assert system.name.lower() in named


def test_the_numbers_of_the_cards_are_those_of_the_data() -> None:
    icd10cm = load_icd10cm()
    counts = Counter(entry.table for entry in load_index())
    changes = Counter((change.release, change.kind) for change in load_releases().changes)

    assert f"{sum(map(icd10cm.is_billable, icd10cm)):,}" in _card("codes_icd10cm")
    assert all(f"| {n:,} " in _card("codes_icd10cm_index") for n in counts.values())
    for (_, kind), n in changes.items():
        assert f"{n} {kind}" in _card("codes_icd10cm")

from datetime import date

import pytest

from cac.codes import Icd10cm, load_icd10cm, load_releases, normalise
from cac.errors import CodeSetError, SettingsError, UnknownCodeError


@pytest.fixture(scope="module")
def newest() -> Icd10cm:
    return load_icd10cm()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("e119", "E11.9"),
        ("E11.9 ", "E11.9"),
        ("s52.501a", "S52.501A"),
        ("S52.50-", "S52.50"),
        ("i10", "I10"),
        ("C7a.00", "C7A.00"),
        ("a00-a09", "A00-A09"),
        ("diabetes", "DIABETES"),
        ("", ""),
    ],
)
def test_values_are_brought_to_one_form(written: str, value: str) -> None:
    assert normalise(written) == value


@pytest.mark.parametrize(
    ("release", "n_billable"),
    [("2024", 74_044), ("2025", 74_260), ("2026", 74_719), ("2027", 74_879)],
)
def test_each_release_has_the_publishers_number_of_billable_codes(
    release: str, n_billable: int
) -> None:
    icd10cm = load_icd10cm(release)

    assert sum(map(icd10cm.is_billable, icd10cm)) == n_billable


def test_the_tree_holds_together(newest: Icd10cm) -> None:
    for value in newest:
        for child in newest.children(value):
            assert newest.parent(child) == value
    assert newest.billable_under("E11.9") == ("E11.9",)
    assert newest.ancestors("E11.9") == ("E11", "E08-E13", "4")
    assert newest.category("S06.1X7A") == "S06"
    assert newest.chapters == tuple(str(n) for n in range(1, 23))


def test_descendants_are_those_of_the_children(newest: Icd10cm) -> None:
    for value in ("E11", "S52", "T40.2", "A00-A09"):
        below = {v for child in newest.children(value) for v in (child, *newest.descendants(child))}
        assert set(newest.descendants(value)) == below
        assert set(newest.billable_under(value)) == {v for v in below if newest.is_billable(v)}


def test_seventh_characters_are_expanded_with_placeholder(newest: Icd10cm) -> None:
    assert newest.is_billable("T15.00XA")
    assert newest.parent("T15.00XA") == "T15.00"
    assert newest.entry("T15.00").seventh_characters["A"] == "initial encounter"
    assert newest.title("T15.00XD").endswith(", subsequent encounter")


def test_no_later_encounter_follows_a_death_before_regaining_consciousness(newest: Icd10cm) -> None:
    assert newest.is_billable("S06.1X7A")
    assert not newest.is_valid("S06.1X7D")


@pytest.mark.parametrize(
    ("value", "n_chars"), [("B20", 3), ("F99", 3), ("P84", 3), ("R99", 3), ("Z66", 3)]
)
def test_a_block_of_one_category_does_not_hide_it(
    newest: Icd10cm, value: str, n_chars: int
) -> None:
    assert newest.is_billable(value)
    assert newest.parent(value) == f"{value}-{value}"
    assert len(newest.entry(value).value) == n_chars


def test_notes_stand_at_the_level_that_has_them(newest: Icd10cm) -> None:
    entry = newest.entry("E11")

    assert any(note.covers("E10.9") for note in entry.excludes1)
    assert "diabetes NOS" in [note.text for note in entry.includes]
    assert newest.entry("E11.21").excludes1 == ()


def test_inherited_notes_name_the_level_they_come_from(newest: Icd10cm) -> None:
    found = newest.notes("E11.21")

    assert "E11" in {origin for origin, _ in found["excludes1"]}
    assert all(note.text for notes in found.values() for _, note in notes)


def test_a_code_newer_than_the_tabular_list_has_a_title_and_says_so(newest: Icd10cm) -> None:
    entry = newest.entry("I42.00")

    assert entry.title == "Dilated cardiomyopathy, unspecified"
    assert entry.effective == date(2026, 10, 1)
    assert entry.notes_release == ""
    assert newest.entry("E11.9").notes_release == "2026"
    assert newest.parent("T52.811A") == "T52.811"
    assert newest.title("T52.811") == "Toxic effect of alkenes, accidental (unintentional)"


def test_the_date_of_service_picks_the_release() -> None:
    assert load_icd10cm(service_date=date(2025, 9, 30)).is_billable("G35")
    assert not load_icd10cm(service_date=date(2025, 10, 1)).is_billable("G35")
    assert load_icd10cm("FY2025").entry("G35").end == date(2025, 9, 30)


def test_a_date_outside_the_known_releases_takes_the_nearest_and_tells() -> None:
    old = load_icd10cm(service_date=date(2018, 1, 1))

    assert old.release == "2024"
    assert not old.covers(date(2018, 1, 1))
    assert load_icd10cm("2026").covers(date(2026, 4, 1))


def test_unknown_codes_and_releases_are_named_with_what_is_near(newest: Icd10cm) -> None:
    with pytest.raises(UnknownCodeError, match=r"2027 has no 'E11\.99'.*Near: E11\.9"):
        newest.entry("E11.99")
    with pytest.raises(CodeSetError, match=r"2019.*Known: 2024"):
        load_icd10cm("2019")
    with pytest.raises(SettingsError):
        load_icd10cm("2026", date(2026, 1, 1))
    assert newest.near("I1O") == ("I10",)
    assert not newest.is_valid("E11.99")
    assert not newest.is_billable("nonsense")
    assert "E11.9" in newest


def test_history_tells_when_a_code_came_and_went() -> None:
    releases = load_releases()

    assert [(c.release, c.kind) for c in releases.history("G35")] == [("2026", "deleted")]
    assert releases.end("2026") == date(2026, 9, 30)
    assert releases.covers(date(2024, 1, 1))
    assert not releases.covers(date(2023, 9, 30))

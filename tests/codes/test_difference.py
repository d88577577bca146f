from collections import Counter
from pathlib import Path

import pytest

from cac.codes.difference import changes_between, read_codes, touched
from cac.codes.releases import Change, releases_of
from cac.errors import CodeSetError, InputError


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("2026", "2027", {"added": 190, "deleted": 30, "revised": 4}),
        ("2027", "2026", {"added": 30, "deleted": 190, "revised": 4}),
        ("2026", "2026", {}),
    ],
)
def test_changes_between_two_releases(old: str, new: str, counts: dict[str, int]) -> None:
    assert Counter(change.kind for change in changes_between(old, new)) == counts


def test_changes_that_undo_each_other_are_left_out() -> None:
    releases = releases_of(
        [
            Change("2025", "added", "A01", "", "One"),
            Change("2026", "deleted", "A01", "One", ""),
            Change("2025", "revised", "A02", "Two", "Too"),
            Change("2026", "revised", "A02", "Too", "To"),
            Change("2025", "revised", "A03", "Three", "Free"),
            Change("2026", "deleted", "A03", "Free", ""),
        ]
    )

    assert changes_between("2024", "2026", releases) == (
        Change("2026", "revised", "A02", "Two", "To"),
        Change("2026", "deleted", "A03", "Three", ""),
    )


def test_an_unknown_release_is_named() -> None:
    with pytest.raises(CodeSetError, match="2019"):
        changes_between("2019", "2027")


def test_the_users_codes_are_found_with_what_to_use_instead(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("code,times\nI42.0,3\nE119,2\nqa171,1\n")

    mine = read_codes(path)
    found = touched(changes_between("2026", "2027"), mine, "2027")

    assert mine == ("I42.0", "E11.9", "QA1.71")
    assert [(t.mine, t.change.kind) for t in found if t.change.value == t.mine] == [
        ("I42.0", "deleted"),
        ("QA1.71", "added"),
    ]
    assert found[0].instead == ("I42.00", "I42.01", "I42.09")


@pytest.mark.parametrize("content", [b"no codes here", b"\xff\xfe\x00"])
def test_a_file_without_codes_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"mine\.txt"):
        read_codes(path)

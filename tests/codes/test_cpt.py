"""Codes and texts here are invented; nothing of CPT may stand in this repository."""

import json
from pathlib import Path

import pytest

from cac.codes.cpt import CptLayout, layout_from, load_cpt, read_cpt
from cac.codes.importing import import_file
from cac.errors import CodeSetError, SettingsError, UnknownCodeError

_FILES = {
    "LONGULT.txt": "9998X\tInvented service one\n9997X\tInvented service two\n",
    "LONGUF.txt": "9998X01 Invented service\n9998X02 one\n9997X01 Invented service two\n",
    "LONGULF.txt": "9998X02 one\n9998X01 Invented service\n9997X01 Invented service two\n",
    "SHORTU.txt": "9998X Invented service one\n9997X Invented service two\n",
    "MEDU.txt": "9998X Invented service one\n9997X Invented service two\n",
    "MRCONSO.RRF": "".join(
        f"C1|ENG|P|L|PF|S|Y|A||||{sab}|{tty}|{code}|{text}|0|N|\n"
        for sab, tty, code, text in [
            ("CPT", "PT", "9998X", "Invented service one"),
            ("CPT", "SY", "9998X", "Another name"),
            ("MSH", "PT", "9996X", "Not of this source"),
            ("CPT", "PT", "9997X", "Invented service two"),
        ]
    ),
}


@pytest.mark.parametrize("name", _FILES)
def test_each_known_layout_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(_FILES[name])

    assert read_cpt(path) == {"9998X": "Invented service one", "9997X": "Invented service two"}


def test_another_layout_is_described_in_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text;code\nInvented;9998X\n")
    layout = layout_from({"kind": "delimited", "code": [1], "text": [0], "delimiter": ";"})

    assert layout == CptLayout("delimited", (1,), (0,), delimiter=";")
    assert read_cpt(path, layout) == {"9998X": "Invented"}


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"kind": "fixed", "code": [0, 5], "text": [7, 80], "colour": 1}, "colour"),
        ({"kind": "fixed", "code": [0, 5]}, "text"),
        ({"kind": "fixed", "code": "0-5", "text": [7, 80]}, "no list of numbers"),
        ({"kind": "table", "code": [0], "text": [1]}, "Known: fixed, delimited"),
    ],
)
def test_a_wrong_layout_is_refused(mapping: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        layout_from(mapping)


def test_a_file_of_another_layout_or_unknown_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "LONGULT.txt"
    path.write_text("nothing\there\n" * 9 + "9998X\tInvented\n")
    with pytest.raises(CodeSetError, match=r"1 of 10 lines.*Give --layout"):
        read_cpt(path)

    other = tmp_path / "codes.txt"
    other.write_text("9998X Invented\n")
    with pytest.raises(SettingsError, match="LONGULT, LONGUF"):
        read_cpt(other)


def test_the_imported_file_is_the_one_that_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAC_CACHE", str(tmp_path / "own"))
    path = tmp_path / "LONGULT.txt"
    path.write_text(_FILES["LONGULT.txt"])

    done = import_file(path, system="cpt", release="2031")
    cpt = load_cpt()

    assert done.message.startswith("2 codes")
    assert (cpt.release, len(cpt), cpt.title("9998x")) == ("2031", 2, "Invented service one")
    assert not cpt.is_valid("9996X")
    with pytest.raises(UnknownCodeError, match="9996X"):
        cpt.title("9996X")

    assert done.path is not None
    done.path.write_text(json.dumps({"release": "2031"}))
    with pytest.raises(CodeSetError, match="import your CPT file again"):
        load_cpt()

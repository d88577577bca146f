import gzip
from datetime import date
from pathlib import Path

import pytest

from cac.codes.hcpcs import load_hcpcs, read_hcpcs
from cac.errors import CodeSetError, UnknownCodeError

_HEAD = (
    "code,seq,record_id,long_description,short_description,"
    "code_added,action_effective,termination,action_code\n"
)
_ROWS = (
    "Q9001,00100,3,Invented supply,Supply,20240101,20240101,,N\n"
    "Q9001,00200,4,in two lines,,,,,\n"
    "Q9002,00100,3,Ended supply,Ended,20200101,20200101,20251231,D\n"
    "A1,00100,7,A modifier,Mod,20020101,20020101,,N\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAC_CODE_SETS", str(tmp_path))
    for quarter in ("2030q1", "2030q3"):
        (tmp_path / f"hcpcs_{quarter}.csv.gz").write_bytes(gzip.compress((_HEAD + _ROWS).encode()))
    return tmp_path


def test_descriptions_are_joined_and_days_read(folder: Path) -> None:
    hcpcs = load_hcpcs()

    assert hcpcs.release == "2030Q3"
    assert list(hcpcs) == ["Q9001", "Q9002", "A1"]
    assert hcpcs.entry("q9001").description == "Invented supply in two lines"
    assert hcpcs.entry("A1").is_modifier
    assert hcpcs.is_valid("Q9002", date(2025, 12, 31))
    assert not hcpcs.is_valid("Q9002", date(2026, 1, 1))
    assert not hcpcs.is_valid("Q9001", date(2023, 12, 31))


@pytest.mark.parametrize(
    ("day", "release"),
    [
        ("2030-02-01", "2030Q1"),
        ("2030-06-30", "2030Q1"),
        ("2031-01-01", "2030Q3"),
        ("2019-01-01", "2030Q1"),
    ],
)
def test_the_quarter_follows_the_date_of_service(folder: Path, day: str, release: str) -> None:
    assert load_hcpcs(service_date=date.fromisoformat(day)).release == release


def test_unknown_codes_and_quarters_are_named(folder: Path) -> None:
    with pytest.raises(UnknownCodeError, match=r"no 'Q9009'.*Near: Q9001, Q9002"):
        load_hcpcs().entry("Q9009")
    with pytest.raises(CodeSetError, match=r"of 2029Q1; found: 2030Q1, 2030Q3"):
        load_hcpcs("2029Q1")


def _fixed(code: str, seq: str, record: str, text: str) -> str:
    days = "20240101" + "20240101" + " " * 8
    return f"{code:<5}{seq}{record}{text:<80}{'Short':<28}{'':<149}{days}N"


def test_the_publishers_text_is_read_without_cpt_and_cdt(tmp_path: Path) -> None:
    path = tmp_path / "HCPC2030_JAN_ANWEB.txt"
    lines = [
        _fixed("99999", "00100", "3", "A number is not ours"),
        _fixed("D9999", "00100", "3", "Nor is this"),
        _fixed("Q9001", "00100", "3", "Invented"),
        _fixed("Q9001", "00200", "4", "supply"),
    ]
    path.write_text("\n".join(lines))

    (entry,) = read_hcpcs(path)

    assert (entry.value, entry.description) == ("Q9001", "Invented supply")
    assert entry.added == date(2024, 1, 1)


@pytest.mark.parametrize(
    "data",
    [b"", gzip.compress(_HEAD.encode(), mtime=0), gzip.compress(_HEAD.encode() * 99, mtime=0)[:60]],
    ids=["empty", "no rows", "cut"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "hcpcs_2030q1.csv.gz"
    path.write_bytes(data)

    with pytest.raises(CodeSetError, match="hcpcs_2030q1"):
        read_hcpcs(path)

from pathlib import Path

import pytest

from cac.cli import main
from cac.codes.icd10pcs import load_icd10pcs


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAC_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("CAC_CODE_SETS", raising=False)
        load_icd10pcs.cache_clear()
        yield


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["codes", *words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "e119"], "E11.9  Type 2 diabetes mellitus without complications"),
        (["show", "E11.22", "--inherited"], "Excludes1 (at E11): type 1 diabetes mellitus (E10.-)"),
        (["show", "I42.00"], "no notes: newer than the tabular list of FY2026"),
        (["show", "T15.00"], "7th A: initial encounter"),
        (["show", "G35", "--service-date", "2025-09-30"], "valid until 2025-09-30"),
        (["children", "I42.0"], "I42.01  Familial-genetic dilated cardiomyopathy"),
        (["children", "T15.00", "--billable"], "T15.00XS"),
        (["search", "heart", "failure", "acute", "on", "chronic", "--limit", "3"], "I50.23"),
        (["search", "zqxzqx"], "nothing found"),
        (["validate", "E11.9", "--service-date", "2026-11-02"], "valid and billable on 2026-11-02"),
        (["diff", "2026", "2027"], "190 added, 30 deleted, 4 revised"),
        (["sources"], "icd10cm_index (ships with cac)"),
    ],
)
def test_an_answer_holds_what_was_asked(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, out, err = _run(capsys, *words)

    assert (code, err) == (0, "")
    assert said in out


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("I42.0", "It was billable until 2026-09-30"),
        ("E11.99", "Near: E11.9"),
        ("T52.8X1A", "T52.891A"),
    ],
)
def test_a_code_that_may_not_stand_gives_exit_code_one(
    capsys: pytest.CaptureFixture[str], value: str, said: str
) -> None:
    code, out, _ = _run(capsys, "validate", value, "E11.9", "--service-date", "2026-11-02")

    assert code == 1
    assert said in out
    assert "E11.9 is valid" in out


def test_a_comparison_names_the_users_own_codes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("I42.0\nE11.9\n")

    _, out, _ = _run(capsys, "diff", "2026", "2027", "--mine", str(mine))

    assert "1 of your 2 codes are touched" in out
    assert "use I42.00, I42.01, I42.09" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "E11.99"], "has no 'E11.99'. Near: E11.9"),
        (["show", "E11.9", "--release", "1999"], "Known: 2024, 2025, 2026, 2027"),
        (["show", "E11.9", "--system", "icd11"], "Unknown code system"),
        (["show", "E11.9", "--service-date", "tomorrow"], "write it as 2026-11-02"),
        (["diff", "2019", "2027"], "2019"),
        (["show", "0FT44ZZ", "--system", "icd10pcs"], "Set CAC_CODE_SETS"),
        (["children", "Q9001", "--system", "hcpcs"], "has no hierarchy"),
        (["search", "x", "--system", "cpt"], "that you hold a licence for"),
        (["map", "E11.9"], "No GEM from ICD-10-CM"),
        (["map", "E11.9", "--to", "cpt"], "No mapping from ICD-10-CM to CPT"),
        (["map", "250.00", "--from", "icd9cm", "--to", "ccsr"], "groups ICD-10-CM codes"),
        (["fetch", "icd10cm", "2031"], "Give --url"),
        (["import", "nowhere.zip"], "unpacked first"),
        (["compile", "--output", "x"], "CAC_CODE_SETS"),
        (["levitate"], "invalid choice"),
    ],
)
def test_a_mistake_is_one_line_that_says_the_mend(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, out, err = _run(capsys, *words)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_licensed_file_is_imported_and_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_text("Invented service;9998X\n")
    (tmp_path / "layout.json").write_text(
        '{"kind": "delimited", "code": [1], "text": [0], "delimiter": ";"}'
    )
    words = ["import", str(tmp_path / "mine.csv"), "--system", "cpt"]

    code, out, _ = _run(capsys, *words, "--layout", str(tmp_path / "layout.json"))

    assert (code, out.split(":")[0]) == (0, "cpt mine.csv")
    assert "9998X  Invented service" in _run(capsys, "show", "9998X", "--system", "cpt")[1]
    assert "9998X" in _run(capsys, "search", "invented", "--system", "cpt")[1]

    (tmp_path / "layout.json").write_text("{")
    code, _, err = _run(capsys, *words, "--layout", str(tmp_path / "layout.json"))
    assert code == 2
    assert "as JSON" in err


_PCS = """<ICD10PCS.tabular><version>2031</version><pcsTable>
<axis pos="1"><title>Section</title><label code="0">Surgical</label></axis>
<axis pos="2"><title>Body System</title><label code="F">Bile</label></axis>
<axis pos="3"><title>Operation</title><label code="T">Resection</label></axis>
<pcsRow><axis pos="4"><title>Body Part</title><label code="4">Gallbladder</label></axis>
<axis pos="5"><title>Approach</title><label code="0">Open</label></axis>
<axis pos="6"><title>Device</title><label code="Z">No Device</label></axis>
<axis pos="7"><title>Qualifier</title><label code="Z">No Qualifier</label></axis>
</pcsRow></pcsTable></ICD10PCS.tabular>"""


def test_procedures_are_answered_from_their_tables(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "icd10pcs_tables_2031.xml").write_text(_PCS)
    monkeypatch.setenv("CAC_CODE_SETS", str(tmp_path))
    load_icd10pcs.cache_clear()
    system = ("--system", "icd10pcs")

    assert "Approach: Open" in _run(capsys, "show", "0FT40ZZ", *system)[1]
    refused = _run(capsys, "validate", "0FT40ZX", *system)
    assert refused[0] == 1
    assert "qualifier X is not allowed" in refused[1]
    assert "0  Open" in _run(capsys, "children", "0FT4", *system)[1]
    assert "0FT40ZZ" in _run(capsys, "search", "gallbladder", "resection", *system)[1]
    load_icd10pcs.cache_clear()

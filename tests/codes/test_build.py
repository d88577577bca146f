import json
from pathlib import Path

import pytest

from cac.codes.icd10cm import Icd10cm
from cac.codes.load import compiled
from cac.codes.releases import Change, releases_of
from cac.codes.tabular import read_tabular
from cac.errors import CodeSetError

_TABULAR = """<ICD10CM.tabular><version>2025</version><chapter><name>1</name>
<desc>Invented diseases (A00-B99)</desc>
<section id="A00-A09"><desc>First block (A00-A09)</desc>
<diag><name>A00</name><desc>Grey fever</desc><notes><note>7th characters D do not apply to codes
 in category A00 with 6th character 7 - fatal</note></notes>
<sevenChrDef><extension char="A">initial encounter</extension>
<extension char="D">later encounter</extension></sevenChrDef>
<diag><name>A00.1</name><desc>Grey fever, mild</desc></diag>
<diag><name>A00.217</name><desc>Grey fever, fatal</desc></diag></diag>
<diag><name>A01</name><desc>Blue fever</desc><excludes1><note>grey fever (A00.-)</note></excludes1>
</diag></section>
<section id="A10"><desc>One alone (A10)</desc><diag><name>A10</name><desc>Red fever</desc></diag>
</section></chapter></ICD10CM.tabular>"""

_CHANGES = (
    Change("2025", "added", "A10", "", "Red fever"),
    Change("2026", "deleted", "A01", "Blue fever", ""),
    Change("2026", "added", "A01.1", "", "Blue fever of the hand"),
    Change("2026", "added", "A01.2", "", "Blue fever of the foot"),
    Change("2026", "revised", "A10", "Red fever", "Scarlet fever"),
    Change("2026", "added", "A00.3XXA", "", "Grey fever, new, initial encounter"),
    Change("2026", "added", "B77.1", "", "Green fever"),
)


@pytest.fixture
def tabular(tmp_path: Path) -> Path:
    path = tmp_path / "tabular.xml"
    path.write_text(_TABULAR)
    return path


def _load(tabular: Path, release: str) -> Icd10cm:
    releases = releases_of(_CHANGES)
    return Icd10cm(compiled(tabular, release, releases), releases)


def _billable(icd10cm: Icd10cm) -> list[str]:
    return [value for value in icd10cm if icd10cm.is_billable(value)]


def test_the_tabular_release_is_read_as_it_is(tabular: Path) -> None:
    icd10cm = _load(tabular, "2025")

    assert _billable(icd10cm) == ["A00.1XXA", "A00.1XXD", "A00.217A", "A01", "A10"]
    assert icd10cm.title("A00.1XXD") == "Grey fever, mild, later encounter"
    assert icd10cm.title("A00-A09") == "First block"
    assert icd10cm.parent("A10") == "A10-A10"


def test_a_later_release_is_carried_forward(tabular: Path) -> None:
    icd10cm = _load(tabular, "2026")

    assert icd10cm.children("A01") == ("A01.1", "A01.2")
    assert not icd10cm.is_billable("A01")
    assert icd10cm.title("A10") == "Scarlet fever"
    assert icd10cm.parent("A00.3XXA") == "A00.3"
    assert icd10cm.title("A00.3") == "Grey fever, new"
    assert icd10cm.ancestors("B77.1") == ("B77", "1")
    assert icd10cm.title("B77") == ""
    assert icd10cm.entry("A01").excludes1[0].covers("A00.1XXA")


def test_an_earlier_release_is_carried_back(tabular: Path) -> None:
    icd10cm = _load(tabular, "2024")

    assert _billable(icd10cm) == ["A00.1XXA", "A00.1XXD", "A00.217A", "A01"]
    assert not icd10cm.is_valid("A10")


def test_the_header_names_the_source_with_its_checksum(tabular: Path) -> None:
    header = json.loads(compiled(tabular, "2026", releases_of(_CHANGES)).partition("\n")[0])

    assert header["release"] == "2026"
    assert header["tabular_release"] == "2025"
    assert len(header["sources"][0]["sha256"]) == 64


@pytest.mark.parametrize("text", [_TABULAR[:400], "<other/>", ""])
def test_a_half_downloaded_tabular_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "half.xml"
    path.write_text(text)

    with pytest.raises(CodeSetError, match=r"half\.xml"):
        read_tabular(path)

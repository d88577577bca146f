import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cac.codes import load_icd10cm, load_releases
from cac.codes.importing import import_file
from cac.codes.library import imported_folder
from cac.codes.terms import fold
from cac.codes.values import bare
from cac.errors import CodeSetError, SettingsError


@pytest.fixture(autouse=True)
def _nothing_imported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("CAC_CODE_SETS", raising=False)
    yield
    shutil.rmtree(imported_folder(), ignore_errors=True)


def _listed(release: str) -> dict[str, str]:
    icd10cm = load_icd10cm(release)
    return {bare(v): fold(icd10cm.title(v)) for v in icd10cm if icd10cm.is_billable(v)}


def _write(path: Path, codes: dict[str, str]) -> Path:
    path.write_text("".join(f"{code:<7} {title}\n" for code, title in codes.items()))
    return path


def test_a_list_of_a_known_release_is_compared_and_not_kept(tmp_path: Path) -> None:
    done = import_file(_write(tmp_path / "icd10cm-codes-2027.txt", _listed("2027")))

    assert (done.release, done.path) == ("2027", None)
    assert "agrees" in done.message

    codes = _listed("2027") | {"A000": "Another title"}
    with pytest.raises(CodeSetError, match=r"differs from the known release 2027 in 1 codes"):
        import_file(_write(tmp_path / "icd10cm-codes-2027.txt", codes))


def test_a_later_release_is_known_after_its_import(tmp_path: Path) -> None:
    codes = _listed("2027")
    codes["E119"] = "Type 2 diabetes, so renamed"
    codes["I420Z"] = "New cardiomyopathy"
    del codes["I10"]

    done = import_file(_write(tmp_path / "icd10cm-codes-April-2027.txt", codes))

    assert done.release == "2027-04"
    assert done.message == "2027-04 holds now: 1 added, 1 deleted, 1 revised."
    assert load_releases().newest == "2027-04"
    april = load_icd10cm("2027-04")
    assert april.title("E11.9") == "Type 2 diabetes, so renamed"
    assert april.parent("I42.0Z") == "I42.0"
    assert not april.is_valid("I10")
    assert load_icd10cm("2027").is_billable("I10")


def test_half_a_list_is_refused(tmp_path: Path) -> None:
    codes = dict(list(_listed("2027").items())[:30_000])

    with pytest.raises(CodeSetError, match=r"30000 codes; FY2027 has 74879.*half downloaded"):
        import_file(_write(tmp_path / "list.txt", codes), system="icd10cm", release="2028")
    assert load_releases().newest == "2027"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("icd10cm_fy2028.csv.gz", gzip.compress(b"code,description\n" * 99)[:40], "Cannot read"),
        ("icd10cm-codes-2028.txt", b"A000   Cholera\nA0", "entry 2 holds no ICD-10-CM code"),
        ("icd10pcs_tables_2028.xml", b"<ICD10PCS.tabular>", "Download the file again"),
        ("hcpcs_2028q1.csv.gz", b"\x1f\x8b", "Cannot read the HCPCS file"),
        ("tabular.xml", b"<ICD10CM.tabular><version>2026</version>", "download it again"),
        (
            "other.xml",
            b"<ICD10CM.tabular><version>2026</version></ICD10CM.tabular>",
            "0 billable codes, the list of FY2026 has 74719",
        ),
    ],
)
def test_a_damaged_file_is_refused_and_nothing_is_kept(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(CodeSetError, match=said):
        import_file(tmp_path / name)

    assert not imported_folder().exists()


def test_a_file_of_no_known_kind_release_or_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "download.zip").write_bytes(b"PK")
    with pytest.raises(SettingsError, match="unpacked first"):
        import_file(tmp_path / "download.zip")
    with pytest.raises(CodeSetError, match="There is no file"):
        import_file(tmp_path / "icd10cm-codes-2028.txt")
    with pytest.raises(SettingsError, match="Give --release"):
        import_file(_write(tmp_path / "list.txt", {"A000": "Cholera"}), system="icd10cm")
    with pytest.raises(CodeSetError, match="before the first known release"):
        import_file(
            _write(tmp_path / "list.txt", _listed("2024")), system="icd10cm", release="2019"
        )


def test_a_tabular_list_of_the_same_year_takes_the_packages_place(tmp_path: Path) -> None:
    from cac.codes.load import tabular_file

    packaged = tabular_file()
    done = import_file(packaged, system="icd10cm-tabular")

    assert (done.kind, done.release) == ("icd10cm-tabular", "2026")
    assert done.path is not None
    assert done.path.read_bytes() == packaged.read_bytes()


def test_no_room_on_the_disk_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cac.codes.importing.write_atomically", full)
    path = tmp_path / "LONGULT.txt"
    path.write_text("9998X\tInvented\n")

    with pytest.raises(CodeSetError, match=r"No space left on device. Make room"):
        import_file(path, system="cpt")

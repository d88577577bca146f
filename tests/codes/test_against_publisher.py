"""Checks against the publisher's own files; skipped where ``CAC_CODE_SETS`` names none."""

import os
from importlib import resources
from pathlib import Path

import pytest

from cac.codes import load_icd10cm
from cac.codes.compile import compile_all, read_code_list
from cac.codes.icd10pcs import Icd10pcs
from cac.codes.library import files_of
from cac.codes.pcs_tables import read_tables
from cac.codes.terms import fold

_FOLDER = os.environ.get("CAC_CODE_SETS")

pytestmark = pytest.mark.skipif(not _FOLDER, reason="CAC_CODE_SETS is not set")


def test_every_release_equals_the_publishers_list_in_codes_and_titles() -> None:
    for release, path in files_of("icd10cm").items():
        icd10cm = load_icd10cm(release)
        ours = {v: fold(icd10cm.title(v)) for v in icd10cm if icd10cm.is_billable(v)}
        assert ours == read_code_list(path), release


def test_the_package_data_is_what_the_sources_give() -> None:
    shipped = resources.files("cac.codes").joinpath("data")
    for name, data in compile_all(Path(_FOLDER or "")).items():
        assert shipped.joinpath(name).read_bytes() == data, name


def test_the_procedure_tables_give_the_publishers_number_of_codes() -> None:
    counts = {"2025": 78_948, "2026": 79_115}
    for release, path in files_of("icd10pcs").items():
        assert len(Icd10pcs(*read_tables(path))) == counts.get(release, 0), release

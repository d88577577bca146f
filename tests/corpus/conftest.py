"""A data folder of a few invented notes, laid out as the publishers lay theirs out."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("no-deadline", deadline=None, max_examples=60)
settings.load_profile("no-deadline")

SPANISH = (
    "Varón de 60 años con diabetes mellitus tipo 2. Refiere dolor en la pierna derecha.\n"
    "Se realiza ecografía abdominal y renal."
)
ENGLISH = (
    "A 60-year-old man with type 2 diabetes mellitus.\n"
    "He reports pain in the right leg.\n"
    "Abdominal and renal ultrasound was performed.\n"
)


def spot(text, words):
    start = text.index(words)
    return f"{start} {start + len(words)}"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


@pytest.fixture
def data(tmp_path):
    """CodiEsp and ACI-Bench, small."""
    for split in ("train", "dev", "test", "background"):
        for language, text in (("", SPANISH), ("_en", ENGLISH)):
            write(tmp_path / f"codiesp/{split}/text_files{language}/X-{split}-1.txt", text)
    for split in ("train", "dev", "test"):
        note_id = f"X-{split}-1"
        kidney = f"{spot(SPANISH, 'renal')};{spot(SPANISH, 'ecografía')}"
        diabetes = "diabetes mellitus tipo 2"
        rows = [
            ("DIAGNOSTICO", "e11.9", diabetes, spot(SPANISH, diabetes)),
            ("DIAGNOSTICO", "m79.604", "dolor.", "86 86;" + spot(SPANISH, "dolor")),
            ("PROCEDIMIENTO", "bt4", "renal ecografía", kidney),
        ]
        x = "".join("\t".join((note_id, *row)) + "\n" for row in rows)
        write(tmp_path / f"codiesp/{split}/{split}X.tsv", x)
        d = f"{note_id}\te11.9\n{note_id}\tm79.604\n{note_id}\te11.9\n"
        write(tmp_path / f"codiesp/{split}/{split}D.tsv", d)
        write(tmp_path / f"codiesp/{split}/{split}P.tsv", f"{note_id}\tbt4\n")
    head = "dataset,encounter_id,dialogue,note\n"
    for number, name in enumerate(
        ("train", "valid", "clinicalnlp_taskB_test1", "clinicalnlp_taskC_test2", "clef_taskC_test3")
    ):
        row = f'virtassist,Z{number},"[doctor] hi","CHIEF COMPLAINT\n\nCough, ""dry""."\n'
        write(tmp_path / f"aci_bench/{name}.csv", head + row)
    labels = "encounter_id\tsplit\ticd10cm\nZ0\ttrain\tR05.9;J20.9\n"
    write(tmp_path / "aci_bench_icd10/dev.tsv", labels)
    return tmp_path

"""Cost is linear, nothing is said to stderr or a log, and the fingerprint tells readers apart."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from typing import Any

import pytest

from cac.errors import SettingsError
from cac.note import Note
from cac.read import Reader, read_note
from cac.read.rule_files import CODE_VERSION, load_rules

CANARY = "Zebulon Quixworth"
NOTE = (
    f"HPI: {CANARY} denies fever.\nFamily History: Mother had gout.\nA/P:\n1. r/o sepsis, s/p CABG"
)
#: What the readers of each code version make of ``NOTE`` and its like; a change that alters
#: what is read needs a new CODE_VERSION, and then this digest.
READ_AS = dict.fromkeys("123", "6971d525e110af67")
_SECONDS = 4.0  # of this thread; what is quadratic takes many times as long

QUADRATIC = {
    "cues": "no fever, " * 5_000,
    "cues without commas": "no fever " * 5_500,
    "no line end": "a" * 50_000,
    "line ends": "\n" * 50_000,
    "colons": ": " * 25_000,
    "headers": "HPI: " * 10_000,
    "bullets": "- x\n" * 12_500,
    "commas": "," * 50_000,
    "capitals": "ABC DEF " * 6_250,
    "years": "5 years " * 6_250,
    "spaces": " " * 50_000,
    "differential": "DDx:" + " " * 50_000,
    "small lines": "an item\n" * 7_000,
    "small lines with stops": "an item.\nan item\n" * 3_000,
    "small sections": "hpi: an\nitem of\nmany\n" * 2_000,
    "names": "Dr. Graves Center " * 2_700,
    "capital words": "Aa " * 16_500,
    "surrogates": "\ud800 " * 25_000,
}


@pytest.mark.parametrize("case", QUADRATIC)
def test_fifty_kilobytes_are_quick(case: str, reader: Any) -> None:
    start = time.thread_time()
    annotated = reader.read(Note("n", QUADRATIC[case]))
    for token in annotated.tokens:
        annotated.assertions_of(token)
    assert time.thread_time() - start < _SECONDS


def test_cost_is_linear(reader: Any) -> None:
    def seconds(n_lines: int) -> float:
        text = "The patient denies fever, chills, or cough; history of gout.\n" * n_lines
        start = time.thread_time()
        reader.read(Note("n", text))
        return time.thread_time() - start

    # Of each the quickest: what else the process holds and tidies up only adds.
    short, long = (min(seconds(n) for _ in range(3)) for n in (1_000, 4_000))
    assert long < 10 * max(short, 0.02)


def test_the_note_reaches_neither_stderr_nor_a_log() -> None:
    code = (
        "import logging, sys; logging.basicConfig(level=0)\n"
        "from cac.note import Note; from cac.read import read_note\n"
        "read_note(Note('n', sys.stdin.read()))\n"
        "from medspacy.sentence_splitting import PyRuSHSentencizer\n"
        "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('medspacy_pyrush')(nlp('Zebulon'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=NOTE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-300:]
    for word in CANARY.split():
        assert word not in done.stdout + done.stderr


def test_fingerprints_differ_by_language() -> None:
    assert load_rules("en").fingerprint == read_note(Note("n", "x")).fingerprint
    assert load_rules("en").fingerprint != load_rules("es").fingerprint


def test_the_code_version_changes_with_what_is_read(reader: Any) -> None:
    annotated = reader.read(Note("n", NOTE))
    modifiers = [(m.assertion.value, m.cue, m.scope) for m in annotated.modifiers]
    read = repr((annotated.sections, annotated.sentences, annotated.tokens, modifiers))
    assert hashlib.sha256(read.encode()).hexdigest()[:16] == READ_AS[CODE_VERSION]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"Unknown note language 'xx'\. Known: en, es"):
        Reader("xx")


def test_empty_and_header_only(reader: Any) -> None:
    assert reader.read(Note("n", "")).sections == ()
    (section,) = reader.read(Note("n", "HPI:")).sections
    assert section.category == "history_of_present_illness"
    assert not len(section.body)

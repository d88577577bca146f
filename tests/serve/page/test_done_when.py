"""A first visitor's way: printed password, three notes by keyboard, export, log, tampering."""

from __future__ import annotations

import json
import shutil
import sqlite3
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cac.demo import load_demo_notes

from ..running import Running
from .test_keys import press, saved

PASSWORD = "a sentence that nobody guesses"
SAMPLES = {note.note_id for note in load_demo_notes()}


@pytest.fixture
def visitor(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def tab_to(page: Any, id_: str) -> None:
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == id_:
            return
        press(page, "Tab")
    raise AssertionError(f"#{id_} is not reached by Tab")


def fill(page: Any, *values: str) -> None:
    """Type into one field after another, from the one that the page puts in focus, and send."""
    page.wait_for_selector("input:focus")
    for place, value in enumerate(values):
        if place:
            press(page, "Tab")
        page.keyboard.type(value)
    press(page, "Enter")


def review(page: Any) -> str:
    """Decide on every suggestion, reject the second, complete, and return the note's name."""
    page.wait_for_selector("body[data-ready]")
    n_codes = page.locator("#suggestion-list .card").count()
    for place in range(n_codes):
        press(page, ".", *(["r", "4"] if place == 1 else ["a"]))
    assert page.locator('#suggestion-list .card[data-status="suggested"]').count() == 0
    press(page, "Control+Enter", "y")
    page.wait_for_selector("#next:visible")
    saved(page)
    return str(page.locator("#note-name").inner_text())


def log_in(page: Any, running: Running) -> None:
    page.goto(running.url)
    fill(page, "admin", running.password)
    page.wait_for_url("**/password")
    fill(page, running.password, PASSWORD, PASSWORD)
    page.wait_for_url("**/worklist")


def test_the_way_of_a_first_visitor(visitor: Any, running: Running, tmp_path: Path) -> None:
    page = visitor
    log_in(page, running)
    page.wait_for_selector(f"#worklist-body tr:nth-child({len(SAMPLES)})")
    tab_to(page, "next-note")
    press(page, "Enter")
    reviewed: set[str] = set()
    while not reviewed >= SAMPLES:  # Other tests queue notes on this server as well.
        page.wait_for_url("**/review/*")
        reviewed.add(review(page))
        before = page.url
        tab_to(page, "next")
        press(page, "Enter")
        page.wait_for_url(lambda url, before=before: url != before)

    lines = [line for line in exported(running) if line["note_id"] in SAMPLES]
    assert len(lines) == len(SAMPLES) == 3
    for line in lines:
        for evidence in line["evidence"]:
            assert all(line["text"][start:end].strip() for start, end in evidence["spans"])

    code, said = running.cac("log", "verify")
    assert code == 0, said
    assert "whole" in said
    for statement, fault in TAMPERINGS.items():
        code, said = tampered(running, tmp_path, statement).cac("log", "verify")
        assert code == 1, statement
        assert fault in said


TAMPERINGS = {
    "UPDATE log SET user_id = 'somebody' WHERE kind = 'decision'": "not as signed",
    "DELETE FROM log WHERE seq = 5": "row 5: missing",
    "DELETE FROM log WHERE seq > (SELECT max(seq) - 2 FROM log)": "missing at the end",
    "UPDATE notes SET status = 'ready' WHERE note_id = 'emergency'": "by the log",
    "DELETE FROM notes WHERE note_id = 'emergency'": "was removed",
}


def exported(running: Running) -> list[dict[str, Any]]:
    key = running.key("export")
    request = urllib.request.Request(
        f"{running.url}/v1/export/decisions", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return [json.loads(line) for line in answer]


def tampered(running: Running, tmp_path: Path, statement: str) -> Running:
    """Return the same server's folders, in a copy, of which somebody changed the database."""
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    source = sqlite3.connect(running.folder / "state" / "cac.sqlite")
    target = sqlite3.connect(folder / "cac.sqlite")
    source.backup(target)
    for verb in ("UPDATE", "DELETE"):
        target.execute(f"DROP TRIGGER IF EXISTS log_no_{verb}")
    target.execute(statement)
    target.commit()
    source.close()
    target.close()
    return replace(running, environment=running.environment | {"CAC_STATE": str(folder)})

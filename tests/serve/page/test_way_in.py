"""From the log-in over the worklist to the note, by keyboard; the other pages pass axe too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from serve.store import Unit
from serve.store.seconds import add_second

from .conftest import WAIT_MS
from .desk import Desk
from .line import Line, dead, passing
from .notes import TEXT, canned
from .test_keys import press, saved
from .test_look import violations

PASSWORD = "correct horse battery"


@pytest.fixture
def stranger(browser: Any, url: str) -> Iterator[Any]:
    """A page of a browser that nobody has logged in with."""
    context = browser.new_context(viewport={"width": 1200, "height": 760}, color_scheme="dark")
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def test_from_the_log_in_to_a_complete_note(
    stranger: Any, url: str, desk: Desk, note_id: str, keep: Any
) -> None:
    desk.add(note_id, TEXT, canned(), priority=9)
    page = stranger
    page.goto(url)
    page.wait_for_selector("#name:focus")
    assert violations(page) == []
    keep(page, "login")
    page.keyboard.type("ben")
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_selector("body[data-ready]")
    page.select_option("[name=sort]", "priority")
    page.wait_for_selector(f"tbody tr:first-child >> text={note_id}")
    keep(page, "worklist")
    assert violations(page) == []
    page.focus("#next-note")
    press(page, "Enter")
    page.wait_for_url("**/review/*")
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#note-name").inner_text() == note_id
    press(page, "a", "m", ".", "r", "5", "Control+Enter", "y")
    saved(page)
    assert desk.kinds(note_id) == ["accept", "principal", "reject", "complete"]
    assert page.evaluate("document.activeElement.id") == "next"
    page.reload()
    page.wait_for_selector("#reopen:visible")
    assert page.locator('.card[data-status="accepted"]').count() == 1


def test_a_worklist_without_a_free_note_says_so(
    open_page: Any, desk: Desk, note_id: str, url: str
) -> None:
    desk.add(note_id, TEXT, canned())
    page = open_page(note_id)
    page.goto(f"{url}/worklist")
    page.wait_for_selector("#next-note:focus")
    page.fill("[name=payer]", "no such payer")
    press(page, "Tab")
    page.wait_for_selector("#worklist-empty:visible")
    page.focus("#next-note")
    press(page, "Enter")
    page.wait_for_selector("#said:visible:has-text('No note of this list')")


def test_what_was_not_sent_is_named_in_the_worklist(
    open_page: Any, desk: Desk, note_id: str, url: str
) -> None:
    desk.add(note_id, TEXT, canned())
    line = Line(then=dead)
    page = open_page(note_id, line=line)
    press(page, "a")
    page.wait_for_selector('#save-state[data-kind="unsaved"]')
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{url}/worklist")
    page.wait_for_selector("#unsent:visible")
    line.then = passing
    page.click(f"#unsent a[href$='{desk.ids[note_id]}']")
    page.wait_for_selector("body[data-ready]")
    saved(page)
    assert desk.kinds(note_id) == ["accept"]


def test_administration_shows_a_password_once(
    stranger: Any, url: str, desk: Desk, keep: Any
) -> None:
    page = stranger
    page.goto(f"{url}/login?to=/admin")
    page.wait_for_selector("#name:focus")
    page.keyboard.type("administrator")
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.fill("form[action='/admin/users'] [name=name]", "grace")
    press(page, "Enter")
    page.wait_for_selector(".secret")
    assert re.search(r"[0-9a-f]{6}-", page.locator(".secret code").inner_text())
    keep(page, "administration")
    assert violations(page) == []


def test_a_second_coder_sees_a_bare_note_and_the_first_passes_over_it(
    open_page: Any, desk: Desk, note_id: str, url: str
) -> None:
    desk.add(note_id, TEXT, canned(), priority=9)
    first = open_page(note_id)
    press(first, "a", "Control+Enter", "y")
    saved(first)
    by = desk.people["administrator"]

    def asked(unit: Unit) -> str:
        return add_second(unit, desk.ids[note_id], by=by).id

    desk.ids["second"] = desk.store.write(asked)
    second = open_page("second", "carol")
    assert second.locator(".card").count() == 0
    first.goto(f"{url}/worklist")
    first.wait_for_selector("body[data-ready]")
    first.select_option("[name=sort]", "priority")  # Other tests fill the first page by age.
    row = first.locator(f"tr:has(a[href$='{desk.ids['second']}'])")
    assert row.get_attribute("data-free") is None
    barred = open_page("second", "ada", ready=False)
    barred.wait_for_selector("text=other review of this note")

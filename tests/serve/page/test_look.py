"""WCAG 2.2 AA by axe, small windows, forced colours, print; pictures are kept as artefacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from serve.page.review_page import MODULES

from .desk import Desk
from .notes import TEXT, canned, rejected
from .test_keys import press

Opened = Callable[..., Any]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options=AXE).response["violations"]
    return [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]]


@pytest.fixture
def note(desk: Desk, note_id: str) -> str:
    desk.add(note_id, TEXT, canned(), rejected())
    return note_id


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(note: str, open_page: Opened, keep: Any, scheme: str) -> None:
    page = open_page(note, color_scheme=scheme)
    press(page, "a", "m", "j", "x", "l", "w")
    keep(page, f"review-{scheme}")
    assert violations(page) == []
    press(page, "c")
    page.keyboard.type("heart failure")
    page.wait_for_selector("#picker-list li:has-text('I09.81')")
    press(page, "ArrowDown")
    page.wait_for_selector("#picker-details li")
    keep(page, f"replace-{scheme}")
    assert violations(page) == []
    for key in ("r", "Control+Enter", "?") if scheme == "light" else ("Control+Enter",):
        press(page, "Escape", key)
        page.wait_for_selector("dialog[open]:not(#picker)")
        assert violations(page) == []
    press(page, "Escape")


def test_200_percent_zoom_and_a_narrow_window(note: str, open_page: Opened, keep: Any) -> None:
    for width, name in [(720, "zoom-200"), (320, "narrow")]:
        page = open_page(note, viewport={"width": width, "height": 450})
        keep(page, f"review-{name}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, name
        press(page, "j", "a")
        assert page.locator('.card[data-status="accepted"]').count() == 1


CORNER = """([words]) => {
  const node = document.getElementById("note").firstChild;
  const range = document.createRange();
  range.setStart(node, node.data.indexOf(words));
  range.setEnd(node, node.data.indexOf(words) + 1);
  const box = range.getBoundingClientRect();
  return { x: Math.ceil(box.left), y: Math.ceil(box.top), width: 2, height: 1 };
}"""
"""Two pixels of a word's background, above its letters."""


def test_forced_colours_and_print(note: str, open_page: Opened, keep: Any) -> None:
    page = open_page(note, forced_colors="active")
    keep(page, "review-forced-colours")
    drawn = [
        page.screenshot(clip=page.evaluate(CORNER, [w])) for w in ("Mother", "Family", "Acute")
    ]
    plain, title, shown = drawn
    assert plain == title != shown  # Forced, each would be drawn as what is selected.
    page = open_page(note)
    page.emulate_media(media="print")
    keep(page, "review-print")
    assert page.locator(".tools").is_hidden()
    assert page.locator("#note").is_visible()
    page.emulate_media(media="screen")


def test_a_blinded_note_shows_no_suggestion(
    desk: Desk, note_id: str, open_page: Opened, keep: Any
) -> None:
    desk.add(note_id, TEXT, [], blinded=True)
    page = open_page(note_id)
    assert "hidden" in page.locator("#blinded").inner_text()
    assert page.locator(".card").count() == 0
    keep(page, "review-blinded")
    press(page, "v", "Control+Shift+ArrowRight", "+")
    page.keyboard.type("I10")
    page.wait_for_selector("#picker-list li")
    press(page, "ArrowDown", "Enter")
    page.wait_for_selector('.card[data-status="added"]')


def test_before_and_after_a_change_of_model(
    desk: Desk, note_id: str, open_page: Opened, keep: Any
) -> None:
    first, second, third = canned()
    desk.add(note_id, TEXT, [first, second])
    desk.answer_again(note_id, "two", [{**second, "rank": 1}, third])
    page = open_page(note_id)
    press(page, "d")
    page.wait_for_selector("#compare-body tr")
    rows = page.locator("#compare-body tr td:last-child").all_inner_texts()
    assert rows == ["gone", "moved", "new"]
    keep(page, "compare")


def test_who_hears_the_page_is_told(note: str, open_page: Opened) -> None:
    page = open_page(note)
    assert page.locator(".card.current").get_attribute("aria-label").startswith("I50.23, Acute")
    press(page, "a")
    page.wait_for_selector("#announcements:has-text('I50.23 accepted')")
    assert "accepted" in page.locator(".card.current").get_attribute("aria-label")
    press(page, "Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_page_names_every_module_and_no_other_server(
    note: str, open_page: Opened, url: str
) -> None:
    page = open_page(note)
    asked = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert all(each.startswith(url) for each in asked)
    scripts = {each.rsplit("/", 1)[1] for each in asked if each.endswith(".js")}
    assert scripts == {*MODULES, "review.js"}
    assert page.locator("script:not([src]), style, [style]").count() == 0

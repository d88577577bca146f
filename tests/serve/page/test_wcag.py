"""What axe cannot see of WCAG 2.2 AA: each test names the criterion that it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .desk import Desk
from .notes import TEXT, canned, rejected
from .test_keys import press

Opened = Callable[..., Any]
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def note(desk: Desk, note_id: str) -> str:
    desk.add(note_id, TEXT, canned(), rejected())
    return note_id


FOCUSED = """() => {
  const held = document.activeElement;
  if (held === document.body) return null;
  const name = held.id || held.className || held.textContent.slice(0, 30);
  const box = held.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const parts = [0.02, 0.25, 0.5, 0.75, 0.98];
  const seen = parts.some((x) => parts.some((y) => {
    const met = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
    return met && (held.contains(met) || met.closest("label")?.contains(held));
  }));
  return { name, seen, outline: getComputedStyle(held).outlineStyle };
}"""


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_focus_is_visible_and_not_obscured(
    note: str, open_page: Opened, size: dict[str, int]
) -> None:
    """2.4.7, 2.4.11: at each stop of the Tab key something of what has the focus can be seen."""
    page = open_page(note, viewport=size)
    press(page, "a", "j", "a", "x")
    page.focus(".skip")
    stops = []
    while (stop := page.evaluate(FOCUSED)) and len(stops) < 60:
        stops.append(stop)
        press(page, "Tab")
    assert len({stop["name"] for stop in stops}) > 15
    assert [stop["name"] for stop in stops if not stop["seen"]] == []
    assert [stop["name"] for stop in stops if stop["outline"] == "none"] == []


SMALL = """() => [...document.querySelectorAll(
    "button, a[href], input, select, summary, [role=option]")]
  .filter((target) => target.checkVisibility() && !target.closest("[inert], .skip"))
  .map((target) => [target, (target.closest("label") ?? target).getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([target, box]) => `${target.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""


def test_targets_are_24_pixels_or_larger(note: str, open_page: Opened, url: str) -> None:
    """2.5.8: in the page and in each dialog, in the work list and at the log-in."""
    page = open_page(note)
    press(page, "a", "j", "a", "x", "l")
    assert page.evaluate(SMALL) == []
    for key in ("r", "o", "c", ";", "?", "Control+Enter"):
        press(page, "Escape", "1", key)
        page.wait_for_selector("dialog[open]")
        if key == "c":
            page.wait_for_selector("#picker-list li")
        assert page.evaluate(SMALL) == [], key
        press(page, "Escape")
    page.goto(f"{url}/worklist")
    page.wait_for_selector("#next-note:focus")
    assert page.evaluate(SMALL) == []


def test_the_sequence_is_changed_without_dragging(note: str, open_page: Opened) -> None:
    """2.5.7: a click does what dragging does."""
    page = open_page(note)
    press(page, "a", "j", "a")
    page.locator("#coded-list .row").nth(1).get_by_label("Move 2 up").click()
    page.wait_for_selector("#coded-list .row:first-child:has-text('I10')")


def test_a_password_may_be_pasted_and_filled_in(browser: Any, url: str) -> None:
    """3.3.8: nothing hinders a password manager."""
    page = browser.new_page()
    page.goto(f"{url}/login")
    fields = page.locator("input:visible")
    filled = [fields.nth(n).get_attribute("autocomplete") for n in range(fields.count())]
    assert filled == ["username", "current-password"]
    hindered = page.evaluate("""() => [...document.querySelectorAll("input")].map((field) =>
      !field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true })))""")
    page.close()
    assert not any(hindered)


OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def test_320_pixels_are_wide_enough(note: str, open_page: Opened, url: str) -> None:
    """1.4.10: no page and no dialog scrolls sideways; a table may within its frame."""
    page = open_page(note, viewport=NARROW)
    press(page, "a", "m")
    for key in ("r", "c", "?", "Control+Enter", "h", "d"):
        press(page, key)
        page.wait_for_selector("dialog[open]")
        wide = page.evaluate("""(() => {
          const open = document.querySelector("dialog[open]");
          return open.scrollWidth - open.clientWidth;
        })()""")
        assert (page.evaluate(OVERFLOW), wide) == (0, 0), key
        press(page, "Escape")
    page.goto(f"{url}/worklist")
    page.wait_for_selector("#next-note:focus")
    assert page.evaluate(OVERFLOW) <= 0


SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
  return [...document.querySelectorAll(
      "button, .title, .code, h1, h2, h3, summary, .flag, .scroll, #coded-list, #note, #outline")]
    .filter((held) => held.checkVisibility() && held.clientWidth > 0)
    .filter((held) => held.scrollWidth > held.clientWidth + 1)
    .map((held) => held.outerHTML.slice(0, 80));
}"""


def test_wider_spacing_of_text_cuts_nothing_off(note: str, open_page: Opened) -> None:
    """1.4.12: lines, letters, words and paragraphs may be set apart."""
    page = open_page(note)
    press(page, "a", "m", "j", "l")
    assert page.evaluate(SPACED) == []
    page.evaluate("document.adoptedStyleSheets = []")


def test_status_messages_are_heard_without_the_focus(note: str, open_page: Opened) -> None:
    """4.1.3: what was done, what was not, and whether it is saved."""
    page = open_page(note)
    press(page, "a")
    page.wait_for_selector("[role=status]:has-text('I50.23 accepted')")
    press(page, "u", "u")
    page.wait_for_selector("[role=alert]:has-text('Nothing to undo')")
    press(page, "c")
    page.wait_for_selector("#picker-count[role=status]:has-text('codes')")
    press(page, "Escape")

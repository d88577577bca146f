"""The note stays as it came, in one text node, and evidence lies where Python counts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from serve.page.rendering import STATIC_PATH

from .desk import Desk
from .notes import canned, piece, suggestion
from .test_keys import MARKED, press, saved

NODES = "() => [...document.getElementById('note').childNodes].map((n) => [n.nodeType, n.data])"
# Emoji beyond the basic plane, a flag, a family, combining marks, CR LF, a tab, a zero-width space.
ODD = "😀 Ünïcödé e\u0301tat 👨‍👩‍👧 🇪🇸\r\n\tn\u0303o\u200b "


def opened(desk: Desk, note_id: str, open_page: Callable[..., Any], text: str, *found: Any) -> Any:
    desk.add(note_id, text, list(found) or canned(text))
    return open_page(note_id)


def test_emoji_and_combining_characters_before_a_span(
    desk: Desk, note_id: str, open_page: Callable[..., Any]
) -> None:
    text = ODD + "Assessment: cough 😷 and fever.\n"
    found = suggestion("R05.9", "Cough", [piece(text, "cough"), piece(text, "😷 and fever")])
    page = opened(desk, note_id, open_page, text, found)
    assert page.evaluate(NODES) == [[3, text]]
    assert page.evaluate(MARKED, "present") == ["cough", "😷 and fever"]
    press(page, "n", "v", "Shift+ArrowRight", "Shift+ArrowRight", "+")
    page.keyboard.type("I10")
    page.wait_for_selector("#picker-list li")
    press(page, "ArrowDown", "Enter")
    page.wait_for_selector('.card[data-status="added"]')
    saved(page)
    (span,) = desk.events(note_id)[0].decision.evidence
    assert text[span.start : span.end] == "😷"


def test_a_spanish_note_is_marked_as_such(
    desk: Desk, note_id: str, open_page: Callable[..., Any]
) -> None:
    text = "Paciente con tos."
    desk.add(note_id, text, [suggestion("R05.9", "Cough", [piece(text, "tos")])], language="es")
    page = open_page(note_id)
    assert page.locator("#note").get_attribute("lang") == "es"
    assert page.locator(".evidence").get_attribute("lang") == "es"


def test_offsets_there_and_back(desk: Desk, note_id: str, open_page: Callable[..., Any]) -> None:
    page = opened(desk, note_id, open_page, "x", suggestion("R05.9", "Cough", []))
    for text in ("", "plain", ODD * 3, "😀😀", "a😀\u0301b🇪🇸"):
        found = page.evaluate(THERE_AND_BACK, [text, len(text), f"{STATIC_PATH}/js/offsets.js"])
        units = [len(text[:c].encode("utf-16-le")) // 2 for c in range(len(text) + 1)]
        assert found == [[unit, c] for c, unit in enumerate(units)]


THERE_AND_BACK = """async ([text, last, module]) => {
  const { Offsets } = await import(module);
  const offsets = new Offsets(text);
  return Array.from({ length: last + 1 }, (_, c) => {
    const unit = offsets.toUtf16(c);
    return [unit, offsets.toCharacter(unit)];
  });
}"""


def test_overlapping_spans(desk: Desk, note_id: str, open_page: Callable[..., Any]) -> None:
    page = opened(desk, note_id, open_page, "Acute on chronic systolic heart failure. Hypertension."
                  " Old stroke")  # fmt: skip
    assert page.evaluate(MARKED, "overlap") == ["heart failure", "Hypertension"]
    assert page.evaluate(MARKED, "historical") == ["Old stroke"]
    first = page.locator(".card.current .code").first.inner_text()
    box = page.evaluate(BOX, ["Hypertension"])
    page.mouse.click(box["x"], box["y"])
    second = page.locator(".card.current .code").first.inner_text()
    page.mouse.click(box["x"], box["y"])
    third = page.locator(".card.current .code").first.inner_text()
    assert (first, {second, third}) == ("I50.23", {"I50.23", "I10"})


BOX = """([words]) => {
  const node = document.getElementById("note").firstChild;
  const range = document.createRange();
  range.setStart(node, node.data.indexOf(words));
  range.setEnd(node, node.data.indexOf(words) + words.length);
  const box = range.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, left: box.x, right: box.right };
}"""


def test_words_selected_by_mouse(desk: Desk, note_id: str, open_page: Callable[..., Any]) -> None:
    text = "Seen for cough and hypertension today."
    page = opened(desk, note_id, open_page, text, suggestion("R05.9", "Cough", []))
    assert page.locator("#add").is_disabled()
    box = page.evaluate(BOX, ["hypertension"])
    page.mouse.move(box["left"] + 1, box["y"])
    page.mouse.down()
    page.mouse.move(box["right"] - 1, box["y"], steps=3)
    page.mouse.up()
    page.click("#add")
    page.keyboard.type("I10")
    page.wait_for_selector("#picker-list li:has-text('I10')")
    press(page, "ArrowDown", "Enter")
    page.wait_for_selector('.card[data-status="added"]')
    saved(page)
    (span,) = desk.events(note_id)[0].decision.evidence
    assert text[span.start : span.end] == "hypertension"


def test_html_and_script_are_text_everywhere(
    desk: Desk, note_id: str, open_page: Callable[..., Any]
) -> None:
    bad = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    text = f"</div>{bad} cough &amp; \x00fever\n"
    found = suggestion(
        f"R05{bad}", bad, [piece(text, "cough")], concerns=[{"kind": bad, "message": bad}]
    )
    page = opened(desk, note_id, open_page, text, found)
    press(page, ";")
    page.keyboard.type(bad)
    press(page, "Control+Enter", "a", "h")
    page.wait_for_selector("#history-body tr")
    assert page.evaluate(NODES) == [[3, text]]
    assert page.locator("main img, main script, dialog img").count() == 0
    assert "owned" not in page.title()
    assert bad in page.locator("#comments").inner_text()


def test_a_note_of_100_kb(desk: Desk, note_id: str, open_page: Callable[..., Any]) -> None:
    line = "Patient seen on the ward, cough 😷 better, plan unchanged for now.\n"
    text = line * (100_000 // len(line.encode()) + 1)
    pieces = [piece(text, "cough", nth=n) for n in range(0, 1200, 8)]
    found = [suggestion(f"R05.{n}", "Cough", pieces[n::40], n) for n in range(1, 40)]
    page = opened(desk, note_id, open_page, text, *found)
    assert page.evaluate(NODES) == [[3, text]]
    assert set(page.evaluate(MARKED, "present")) == {"cough"}
    slowest_ms = page.evaluate(SLOWEST_KEY, ["j", "n", "a", "k", "p", "x"] * 5)
    # The target is 50 ms on a free machine; this one may be busy.
    assert slowest_ms < 500


SLOWEST_KEY = """async (keys) => {
  let slowest = 0;
  for (const key of keys) {
    const start = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    document.body.getBoundingClientRect();
    slowest = Math.max(slowest, performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return slowest;
}"""

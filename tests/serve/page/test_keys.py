"""Every act by keyboard alone, and what the server got of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cac.coding import Code, CodeSystem
from cac.note import Setting
from serve.page.rendering import STATIC_PATH
from serve.review import Decision, Kind, Reason

from .desk import Desk
from .notes import TEXT, canned, piece, rejected, suggestion

Opened = Callable[..., Any]


@pytest.fixture
def page(desk: Desk, note_id: str, open_page: Opened) -> Any:
    desk.add(note_id, TEXT, canned(), rejected())
    return open_page(note_id)


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Any) -> None:
    page.wait_for_selector('#save-state[data-kind="saved"]')


def words(decision: Decision) -> list[str]:
    return [TEXT[span.start : span.end] for span in decision.evidence]


def focus(page: Any) -> str:
    """Return the class of what has the focus."""
    return str(page.evaluate("document.activeElement.className"))


def current(page: Any) -> str:
    return str(page.locator(".card.current .code").first.inner_text())


def test_nothing_is_decided_beforehand(page: Any, desk: Desk, note_id: str) -> None:
    assert current(page) == "I50.23"
    assert page.locator('.card[data-status="suggested"]').count() == 5
    assert desk.events(note_id) == []
    press(page, "r")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    press(page, "Enter", "Escape")
    saved(page)
    assert desk.events(note_id) == []


def test_accept_and_move_on(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "a", "j", "j", "a", "k")
    saved(page)
    assert desk.sequence(note_id) == ["I50.23", "Z86.73"]
    assert current(page) == "I10"
    assert page.locator("#progress").inner_text() == "2 of 3 decided"
    press(page, ".")
    assert current(page) == "I10"


def test_reject_with_each_reason(page: Any, desk: Desk, note_id: str) -> None:
    for digit in "1234567":
        press(page, "r", digit)
    saved(page)
    assert desk.code(note_id, "I50.23").status == "rejected"
    assert [e.decision.reason for e in desk.events(note_id)] == list(Reason)[:7]


def test_another_reason_needs_words(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "r", "8", "Escape")
    assert desk.events(note_id) == []
    press(page, "r", "8")
    page.keyboard.type("see addendum")
    press(page, "Control+Enter")
    page.wait_for_selector('.card.current[data-status="rejected"]')
    saved(page)
    decision = desk.events(note_id)[0].decision
    assert (decision.reason, decision.comment) == ("other", "see addendum")


def test_replace_by_search_with_the_hierarchy_at_hand(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "c")
    page.wait_for_selector("#picker-list li:has-text('I50.21')")
    page.keyboard.type("I50")
    page.wait_for_selector("#picker-list li:has-text('I50.1')")
    press(page, "ArrowDown")
    page.wait_for_selector("#picker-details >> text=cardiac arrest")
    press(page, "ArrowDown", "ArrowDown", "Alt+ArrowDown")
    page.wait_for_selector("#picker-list li:nth-child(4)")
    page.wait_for_selector("#picker-list li:first-child:has-text('I50.20')")
    press(page, "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    page.wait_for_selector('.card.current[data-status="replaced"]')
    saved(page)
    assert desk.code(note_id, "I50.23").replacement == Code(CodeSystem.ICD10CM, "I50.22")
    assert page.locator("#coded-list .code").inner_text() == "I50.22"
    assert "→ I50.22" in page.locator('.card[data-status="replaced"]').inner_text()


def test_a_code_that_is_not_billable_opens_what_is(page: Any) -> None:
    press(page, "c")
    page.keyboard.type("R05")
    page.wait_for_selector("#picker-list li:has-text('R05.1')")
    press(page, "ArrowDown", "Enter")
    page.wait_for_selector("#picker-count:has-text('not billable')")
    assert page.locator("#picker-list li .code").first.inner_text() == "R05.1"


def test_the_picker_says_what_it_found_and_takes_nothing_of_an_older_search(page: Any) -> None:
    press(page, "c")
    page.wait_for_selector("#picker-list li:has-text('I50.21')")
    press(page, "Enter")
    assert "Mark a code first" in page.locator("#picker-count").inner_text()
    press(page, "ArrowDown")
    page.keyboard.type("qqqq")
    press(page, "Enter")
    assert page.locator("#picker[open]").count() == 1
    page.wait_for_selector("#picker-count:has-text('No code found')")
    page.fill("#picker-input", "")
    page.wait_for_selector("#picker-list li:has-text('I50.21')")
    page.fill("#picker-input", "htn")
    page.wait_for_selector("#picker-list li:first-child:has-text('I10')")
    page.wait_for_selector("#picker-count:has-text('The first 30 codes')")


def test_the_shown_piece_of_evidence_is_marked_in_the_card(desk: Desk, open_page: Opened) -> None:
    text = "cough, " * 9
    pieces = [piece(text, "cough", nth=n) for n in range(9)]
    desk.add("many", text, [suggestion("R05.9", "Cough", pieces)])
    page = open_page("many")
    shown = page.locator(".quote[aria-current]")
    assert shown.get_attribute("data-piece") == "0"
    assert page.locator(".quote:visible").count() == 5
    press(page, "p")
    assert shown.get_attribute("data-piece") == "8"
    assert shown.is_visible()


def test_the_first_alternative_is_in_focus_and_the_likeliest_kind_stands_first(page: Any) -> None:
    press(page, "l")
    assert page.evaluate("document.activeElement.dataset.action") == "replace-by"
    assert page.locator(".alternatives h4").all_inner_texts() == ["Beside it", "Broader"]
    assert "not billable" in page.locator(".alternatives").inner_text()
    press(page, "l")
    assert focus(page) == "card current"


def test_what_kind_of_note_it_is_stands_at_the_top(page: Any) -> None:
    assert page.locator("#facts").inner_text() == "inpatient"


def test_no_title_is_cut_off(page: Any) -> None:
    press(page, "a", "j", "j", "a", "k")
    cut = page.evaluate("""[...document.querySelectorAll(".card .title, .row .title")]
      .filter((title) => title.scrollWidth > title.clientWidth).length""")
    assert cut == 0


def test_why_and_an_alternative(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "w")
    page.wait_for_selector(".why li:has-text('words of the title term')")
    assert page.locator(".why q").inner_text() == "Assessment"
    assert "the suggestion is by one" in page.locator(".why").inner_text()
    press(page, "l", "Tab")
    assert "I50.21" in page.evaluate("document.activeElement.textContent")
    press(page, "Enter")
    saved(page)
    assert desk.code(note_id, "I50.23").replacement == Code(CodeSystem.ICD10CM, "I50.21")


def test_sequence_principal_poa_and_comment(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "a", "j", "a", "[", "m", "o", "y", "j", "a", ";")
    page.keyboard.type("stroke clinic letter")
    press(page, "Control+Enter")
    saved(page)
    page.wait_for_selector("#comments li")
    assert desk.sequence(note_id) == ["I10", "I50.23", "Z86.73"]
    assert desk.code(note_id, "I10").principal
    assert desk.code(note_id, "I10").poa == "Y"
    assert desk.state(note_id).comments[0].decision.comment == "stroke clinic letter"


def test_the_list_in_sequence_is_moved_by_its_own_keys(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "a", "j", "a", "j", "a", "3", "o", "n", "ArrowDown", "o", "u")
    press(page, "Alt+ArrowUp", "Alt+ArrowDown", "Alt+ArrowDown")
    saved(page)
    shown = page.locator("#coded-list .row .code").all_inner_texts()
    assert shown == ["I50.23", "Z86.73", "I10"]
    assert [desk.code(note_id, value).poa for value in shown] == ["N", "", "U"]
    assert desk.sequence(note_id) == shown


def test_the_sequence_is_dragged_by_mouse(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "a", "j", "a", "j", "a")
    rows = page.locator("#coded-list .row")
    rows.nth(2).drag_to(rows.nth(0))
    page.wait_for_selector("#coded-list .row:first-child:has-text('Z86.73')")
    saved(page)
    assert desk.sequence(note_id) == ["Z86.73", "I50.23", "I10"]
    rows.nth(0).get_by_label("Move 1 down").click()
    saved(page)
    assert desk.sequence(note_id) == ["I50.23", "Z86.73", "I10"]


def test_undo_and_redo(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "a", "u")
    saved(page)
    assert desk.code(note_id, "I50.23").status == "suggested"
    press(page, "y")
    saved(page)
    assert desk.code(note_id, "I50.23").status == "accepted"
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator('.card[data-status="accepted"]').count() == 1
    page.focus("#undo")
    press(page, "Enter")
    page.wait_for_selector('.card[data-status="accepted"]', state="detached")
    assert focus(page) == "card current"
    press(page, "Control+y")
    page.wait_for_selector('.card[data-status="accepted"]')
    press(page, "Control+z")
    page.wait_for_selector('.card[data-status="accepted"]', state="detached")


def test_a_code_is_added_for_words_selected_by_keyboard(
    page: Any, desk: Desk, note_id: str
) -> None:
    press(page, "j", "v")
    press(page, "Control+Shift+ArrowRight", "Control+Shift+ArrowRight", "b")
    press(page, "ArrowDown", "Home", "Shift+ArrowRight", "Shift+ArrowRight", "+")
    # What was selected outlives a search that came to nothing.
    press(page, "Escape", "+")
    page.keyboard.type("R05.1")
    page.wait_for_selector("#picker-list li:has-text('R05.1')")
    press(page, "ArrowDown", "Enter")
    page.wait_for_selector('.card.current[data-status="added"]')
    saved(page)
    decision = desk.events(note_id)[0].decision
    assert str(decision.code) == "R05.1"
    assert words(decision) == ["heart failure", "No"]


def test_what_was_kept_is_dropped_by_escape(page: Any) -> None:
    press(page, "v", "Control+Shift+ArrowRight", "b")
    assert page.evaluate(MARKED, "kept") == ["Acute"]
    press(page, "Escape", "Escape")
    assert page.evaluate(MARKED, "kept") == []
    page.wait_for_selector("#add:disabled")


def test_a_code_added_again_shows_its_new_words(page: Any, desk: Desk, note_id: str) -> None:
    for shown in ("Acute", "Acute on"):
        press(
            page, "1", "k", "k", "k", "v", *["Control+Shift+ArrowRight"] * len(shown.split()), "+"
        )
        page.keyboard.type("R05.1")
        page.wait_for_selector("#picker-list li:has-text('R05.1')")
        press(page, "ArrowDown", "Enter")
        page.wait_for_selector('.card.current[data-status="added"]')
        assert page.locator(".card.current .quote b").all_inner_texts() == [shown]
        press(page, "u")
    saved(page)
    assert [words(e.decision) for e in desk.events(note_id)[::2]] == [["Acute"], ["Acute on"]]


def test_a_key_that_comes_to_nothing_says_why(page: Any, desk: Desk, note_id: str) -> None:
    for key, said in {"u": "Nothing to undo", "m": "Accept the code first", "+": "Select the words",
                      "g": "Put a caret", "b": "Select words"}.items():  # fmt: skip
        press(page, key)
        page.wait_for_selector(f"#said:visible:has-text('{said}')")
        page.wait_for_selector(f"#alerts:has-text('{said}')")
    press(page, "x")
    page.wait_for_selector("#announcements:has-text('is shown')")
    assert page.locator("#said").is_hidden()
    assert desk.events(note_id) == []


def test_the_first_diagnosis_of_an_outpatient_is_called_first_listed(
    desk: Desk, note_id: str, open_page: Opened
) -> None:
    desk.add(note_id, TEXT, canned(), setting=Setting.OUTPATIENT)
    page = open_page(note_id)
    assert page.locator(".card.current [data-action=principal]").inner_text() == "First-listed M"
    press(page, "a", "m")
    saved(page)
    assert page.locator(".row .flag.principal").inner_text() == "first-listed"
    assert "first-listed" in str(page.locator(".card.current").get_attribute("aria-label"))
    assert page.locator(".card [data-action=poa]").count() == 0
    assert desk.kinds(note_id) == ["accept", "principal"]


def test_a_procedure_is_neither_principal_nor_present_on_admission(
    desk: Desk, note_id: str, open_page: Opened
) -> None:
    fixed = suggestion("0QS636Z", "Reposition femur", [], system="ICD-10-PCS")
    desk.add(note_id, TEXT, [fixed])
    page = open_page(note_id)
    press(page, "a")
    for key, said in {"m": "be principal", "o": "be present", "n": "No evidence",
                      "w": "Why is known"}.items():  # fmt: skip
        press(page, key)
        page.wait_for_selector(f"#said:visible:has-text('{said}')")
    assert page.locator("dialog[open], .card [data-action=principal], .row .flag").count() == 0
    press(page, "Control+Enter")
    summary = page.locator("#summary-body").inner_text()
    assert "POA" not in summary
    assert "principal" not in summary
    press(page, "Escape")
    saved(page)
    assert desk.kinds(note_id) == ["accept"]


def test_undo_goes_to_the_code_that_it_is_about(page: Any) -> None:
    press(page, "a", "j", "j", "u")
    assert current(page) == "I50.23"
    page.wait_for_selector("#announcements:has-text('Undone. I50.23')")
    press(page, "j", "j", "y")
    assert current(page) == "I50.23"


def test_caps_lock_changes_no_key(page: Any, desk: Desk, note_id: str) -> None:
    page.evaluate("""document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key: "A", bubbles: true }))""")
    saved(page)
    assert desk.kinds(note_id) == ["accept"]


def test_from_code_to_evidence_and_back(page: Any) -> None:
    press(page, "n")
    assert page.evaluate(MARKED, "piece") == ["Hypertension"]
    press(page, "p")
    assert page.evaluate(MARKED, "piece") == ["Acute on chronic systolic heart failure"]
    press(page, "j", "Enter")
    assert page.evaluate("document.activeElement.id") == "note"
    press(page, "Control+ArrowRight", "g")
    assert current(page) == "I50.23"
    press(page, "Enter", "Escape")
    assert page.evaluate("document.activeElement.className").startswith("card")


def test_what_stands_against_the_codes_together_is_shown(
    desk: Desk, note_id: str, open_page: Opened
) -> None:
    codes = {"Y92.230": "Patient room", "E11.9": "Type 2 diabetes", "E10.9": "Type 1 diabetes"}
    named = [suggestion(c, t, [piece(TEXT, "No")], n) for n, (c, t) in enumerate(codes.items(), 1)]
    desk.add(note_id, TEXT, named)
    page = open_page(note_id)
    press(page, "a", "m")
    page.wait_for_selector("#said:visible:has-text('Y92.230 cannot stand first')")
    press(page, "j", "a", "j", "a")
    saved(page)
    assert desk.kinds(note_id) == ["accept"] * 3
    assert page.locator("#coded-concerns summary").inner_text() == "! 2 concerns"
    press(page, "Control+Enter")
    summary = page.locator("#summary-body").inner_text()
    assert "E11.9 and E10.9 exclude each other" in summary
    assert "Y92.230 cannot stand first" in summary
    press(page, "Escape", "r", "7", "k", "m")
    saved(page)
    page.wait_for_selector("#coded-concerns", state="hidden")
    assert desk.sequence(note_id) == ["E11.9", "Y92.230"]


def test_complete_with_what_is_left_open_and_reopen(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "j", "a", "Control+Enter")
    words = page.locator("#summary-body").inner_text()
    assert "1 accepted" in words
    assert "Without a decision: I50.23, Z86.73." in words
    assert "Without a POA indicator: I10." in words
    assert "No code is marked as principal" in words
    assert "Hypertension with heart failure: I11.0." in words
    press(page, "y")
    saved(page)
    assert desk.state(note_id).is_complete
    press(page, "a", "k", "a")
    saved(page)
    assert desk.kinds(note_id) == ["accept", "complete"]
    page.locator("#reopen").focus()
    press(page, "Enter")
    saved(page)
    assert not desk.state(note_id).is_complete
    assert focus(page) == "card current"


def test_history_help_and_what_was_found(page: Any) -> None:
    press(page, "a", "h")
    page.wait_for_selector("#history-body >> text=I50.23")
    press(page, "Escape", "?")
    assert "Next code without a decision" in page.locator("#help-body").inner_text()
    press(page, "Escape", "x")
    assert page.evaluate(MARKED, "negated") == ["cough"]
    assert page.evaluate(MARKED, "family") == ["breast cancer"]
    press(page, "x")
    assert page.evaluate(MARKED, "negated") == []


def test_what_was_found_is_added_with_its_evidence(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "x", "j", "j", "j", "r")
    assert current(page) == "R05.9"
    assert page.locator("dialog[open]").count() == 0
    press(page, "a")
    saved(page)
    decision = desk.events(note_id)[0].decision
    assert (decision.kind, str(decision.code)) == (Kind.ADD, "R05.9")
    assert words(decision) == ["cough"]


def test_letters_can_be_turned_off(page: Any, desk: Desk, note_id: str) -> None:
    press(page, "?")
    page.locator("#letters").focus()
    press(page, "Space", "Escape", "a")
    page.locator(".card.current [data-action=reject]").focus()
    press(page, "Enter", "2")
    saved(page)
    assert desk.kinds(note_id) == ["reject"]
    page.evaluate("localStorage.clear()")


def test_every_action_has_a_key_and_stands_in_the_help(page: Any) -> None:
    missing = page.evaluate(
        """async (js) => {
          const { KEYS } = await import(`${js}/keys.js`);
          const { Actions } = await import(`${js}/actions.js`);
          const named = new Set(KEYS.flatMap(([, rows]) => rows).map(([name]) => name));
          const without = new Set(["constructor", "run", "select", "show-piece", "replace-by",
            "reopen", "retry", "leave-out", "next-note"]);
          const all = Object.getOwnPropertyNames(Actions.prototype);
          return all.filter((name) => !named.has(name) && !without.has(name))
            .concat([...named].filter((name) => !all.includes(name)));
        }""",
        f"{STATIC_PATH}/js",
    )
    assert missing == []


MARKED = """(name) => [...CSS.highlights.get(name)].map(
  (r) => r.startContainer.data.slice(r.startOffset, r.endOffset))"""

"""Nothing decided is lost: a dead connection, a lost answer, two tabs, two coders, no session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from serve.page.rendering import STATIC_PATH

from .desk import Desk
from .line import DECISIONS, Line, dead, losing_answer, passing, refusing
from .notes import TEXT, canned
from .test_keys import focus, press, saved

Opened = Callable[..., Any]
UNSAVED = '#save-state[data-kind="unsaved"]'


@pytest.fixture
def note(desk: Desk, note_id: str) -> str:
    desk.add(note_id, TEXT, canned())
    return note_id


def save_again(page: Any) -> None:
    """Press the button, also where the page was quicker and it is gone."""
    page.evaluate("document.querySelector('[data-action=retry]').click()")


def test_a_lost_connection(note: str, desk: Desk, open_page: Opened) -> None:
    page = open_page(note)
    page.context.set_offline(True)
    page.wait_for_function("fetch('/healthz').then(() => false, () => true)")
    press(page, "a", "j", "r", "2", "u")
    page.wait_for_selector(UNSAVED)
    assert "3 acts wait in this tab" in page.locator("#save-words").inner_text()
    assert page.locator('.card[data-status="accepted"]').count() == 1
    press(page, "h")
    page.wait_for_selector("#said:visible:has-text('cannot be reached')")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "heart failure" not in kept
    assert "I50.23" in kept
    assert desk.events(note) == []
    page.context.set_offline(False)
    saved(page)
    assert desk.kinds(note) == ["accept", "reject", "undo"]
    assert desk.ids[note] not in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_server_that_is_down_and_a_reload(note: str, desk: Desk, open_page: Opened) -> None:
    line = Line(then=refusing(503))
    page = open_page(note, line=line)
    press(page, "a", "j", "a")
    page.wait_for_selector(UNSAVED)
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator('.card[data-status="accepted"]').count() == 2
    line.then = passing
    save_again(page)
    saved(page)
    assert desk.kinds(note) == ["accept", "accept"]


def test_an_answer_that_was_lost_is_not_done_twice(
    note: str, desk: Desk, open_page: Opened
) -> None:
    line = Line(losing_answer)
    page = open_page(note, line=line)
    press(page, "a")
    saved(page)
    assert line.n_sent == 2
    assert desk.kinds(note) == ["accept"]


def test_two_tabs_of_one_coder(note: str, desk: Desk, open_page: Opened) -> None:
    first, second = open_page(note), open_page(note)
    press(first, "a")
    saved(first)
    press(second, "j", "a")
    second.wait_for_selector("#conflict[open]")
    assert "accept I10" in second.locator("#conflict-acts").inner_text()
    second.click("#conflict-apply")
    saved(second)
    assert [str(e.decision.code) for e in desk.events(note)] == ["I50.23", "I10"]
    assert second.locator('.card[data-status="accepted"]').count() == 2


def test_two_coders_at_once(note: str, desk: Desk, open_page: Opened) -> None:
    ada, ben = open_page(note), open_page(note, "ben", ready=False)
    ben.wait_for_selector("#trouble:visible")
    assert ben.locator("#note").inner_text() == ""
    press(ada, "a")
    saved(ada)
    # Ada was away for so long that the note went to Ben.
    desk.hand_over(note, "ben")
    press(ada, "j", "a")
    ada.wait_for_selector("#conflict[open]")
    assert "Another coder holds this note" in ada.locator("#conflict-words").inner_text()
    assert "accept I10" in ada.locator("#conflict-acts").inner_text()
    assert ada.locator("#conflict-apply").is_hidden()
    ada.click("[data-close=discard]")
    ada.wait_for_url("**/worklist")
    assert desk.who(note) == ["ada"]
    ben.reload()
    ben.wait_for_selector("body[data-ready]")
    assert ben.locator('.card[data-status="accepted"]').count() == 1


def test_what_the_server_refuses_is_said_and_kept(note: str, desk: Desk, open_page: Opened) -> None:
    page = open_page(note, line=Line(refusing(401), passing, refusing(422), passing))
    for n_saved, said in enumerate(("session has ended", "No such reason")):
        press(page, "a")
        page.wait_for_selector(f"#trouble:has-text('{said}')")
        assert len(desk.events(note)) == n_saved
        page.focus("[data-action=retry]")
        press(page, "Enter")
        saved(page)
        assert page.locator("#trouble").is_hidden()
        # The button that was pressed is gone, and the keys are the code's again.
        assert focus(page) == "card current"
    assert desk.kinds(note) == ["accept", "accept"]


def test_one_act_that_is_refused_keeps_no_other_from_being_saved(
    note: str, desk: Desk, open_page: Opened
) -> None:
    line = Line(then=dead)
    page = open_page(note, line=line)
    press(page, "a", "j", "a", "j", "a")
    page.wait_for_selector(f"{UNSAVED}:has-text('3 acts wait')")
    line.then = refusing(422, '"value":"I10"')
    save_again(page)
    page.wait_for_selector("#trouble:has-text('No such reason')")
    page.click("#leave-out")
    page.wait_for_selector("#said:has-text('Left out: accept I10.')")
    saved(page)
    assert [str(e.decision.code) for e in desk.events(note)] == ["I50.23", "Z86.73"]
    assert page.locator('.card[data-status="accepted"]').count() == 2
    assert page.locator("#leave-out").is_hidden()


def test_what_takes_back_a_refused_act_is_left_out_with_it(
    note: str, desk: Desk, open_page: Opened
) -> None:
    page = open_page(note, line=Line(passing, refusing(422)))
    press(page, "a")
    saved(page)
    press(page, "j", "a")
    page.wait_for_selector("#leave-out:visible")
    press(page, "u")
    page.click("#leave-out")
    saved(page)
    assert [str(c.code) for c in desk.state(note).final] == ["I50.23"]


def test_without_a_place_to_keep_acts_they_are_sent_all_the_same(
    note: str, desk: Desk, open_page: Opened
) -> None:
    line = Line(then=dead)
    page = open_page(note, line=line)
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }"
    )
    press(page, "a")
    page.wait_for_selector(f"{UNSAVED}:has-text('must stay open')")
    line.then = passing
    save_again(page)
    saved(page)
    assert desk.kinds(note) == ["accept"]


def test_an_error_of_the_page_itself_is_shown(note: str, open_page: Opened) -> None:
    page = open_page(note)
    page.evaluate("dispatchEvent(new Event('unhandledrejection'))")
    page.wait_for_selector("#trouble:visible:has-text('reload it')")


def test_time_away_from_the_page_is_not_counted(note: str, open_page: Opened) -> None:
    spent = open_page(note).evaluate(
        """async (module) => {
          const { ActiveClock } = await import(module);
          let now = 0;
          const clock = new ActiveClock(() => now);
          const see = (seen) => {
            Object.defineProperty(document, "hidden", { value: !seen, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
          };
          now = 5000; see(false);
          now = 45000; see(true);
          now = 46000;
          return clock.take();
        }""",
        f"{STATIC_PATH}/js/clock.js",
    )
    assert spent == 6000


def test_time_on_the_note_without_idle_time(note: str, desk: Desk, open_page: Opened) -> None:
    page = open_page(note)
    spent = page.evaluate(
        """async (module) => {
          const { ActiveClock } = await import(module);
          let now = 0;
          const clock = new ActiveClock(() => now);
          now = 5000; clock.sign();
          now = 8000;
          const first = clock.take();
          now = 8000 + 3600_000;
          return [first, clock.take(), clock.take()];
        }""",
        f"{STATIC_PATH}/js/clock.js",
    )
    assert spent == [8000, 60_000, 0]
    press(page, "a")
    saved(page)
    assert 0 <= desk.events(note)[0].decision.active_ms < 60_000


def test_idle_for_too_long_the_note_leaves_the_screen(
    note: str, desk: Desk, contexts: Callable[..., Any], url: str
) -> None:
    page = contexts("dora").new_page()
    page.route(DECISIONS, dead)
    page.clock.install()
    page.goto(f"{url}/review/{desk.ids[note]}")
    page.wait_for_selector("body[data-ready]")
    press(page, "a")
    page.wait_for_selector(UNSAVED)
    page.clock.fast_forward("14:00")
    assert page.locator("#note").inner_text() != ""
    page.clock.fast_forward("02:00")
    page.wait_for_url("**/login")
    assert desk.ids[note] in page.evaluate("JSON.stringify(sessionStorage)")
    page.goto(f"{url}/review/{desk.ids[note]}")
    assert "/login?to=/review/" in page.url
    page.close()


def test_a_note_that_the_model_has_yet_to_read_is_waited_for(
    desk: Desk, note_id: str, open_page: Opened
) -> None:
    desk.queue(note_id, TEXT)
    page = open_page(note_id, ready=False)
    page.wait_for_selector("#save-words:has-text('has yet to read')")
    desk.answer_again(note_id, "one", canned())
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#suggestion-list .card").count() == 3


def test_a_note_that_the_model_could_not_read_is_not_waited_for(
    desk: Desk, note_id: str, open_page: Opened
) -> None:
    desk.queue(note_id, TEXT)
    page = open_page(note_id, ready=False)
    page.wait_for_selector("#save-words:has-text('has yet to read')")
    desk.fail(note_id)
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#refused").is_visible()

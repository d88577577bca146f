"""What the page shows at once is what the server's fold says: on random decisions."""

from __future__ import annotations

import random
from typing import Any

from cac.coding import Code, CodeSystem
from cac.note import Span
from serve.api.states import state_record
from serve.errors import DecisionError
from serve.page.rendering import STATIC_PATH
from serve.review import Decision, Event, Kind, Reason, Suggested, check, fold

SUGGESTED = [
    Suggested(Code(CodeSystem.ICD10CM, value), value, (Span(n, n + 1),))
    for n, value in enumerate(("I10", "E11.9", "N18.31", "R05.9"))
]
CODES = [s.code for s in SUGGESTED] + [
    Code(CodeSystem.ICD10CM, "J45.909"),
    Code(CodeSystem.ICD10CM, "Z79.4"),
    Code(CodeSystem.ICD10PCS, "0DB68ZX"),
]
KINDS = (
    Kind.ACCEPT, Kind.ACCEPT, Kind.REJECT, Kind.REPLACE, Kind.ADD, Kind.PRINCIPAL, Kind.SEQUENCE,
    Kind.POA,
)  # fmt: skip
FOLDED = """async ([module, start, suggested, histories]) => {
  const { apply } = await import(module);
  const isSuggested = (code) => suggested.includes(code.value);
  const folded = (acts) => acts.reduce((state, act) => apply(state, act, isSuggested), start);
  return histories.map((acts) => folded(acts).codes);
}"""
COMPARED = ("system", "value", "status", "replacement", "replaces", "reason", "principal",
            "sequence", "poa", "evidence")  # fmt: skip


def history(seed: int, n_tries: int = 40) -> list[Event]:
    """Return decisions that the server would take."""
    dice = random.Random(seed)
    events: list[Event] = []
    for _ in range(n_tries):
        state = fold(events, SUGGESTED)
        decision = Decision(
            dice.choice(KINDS),
            code=dice.choice(CODES),
            replacement=dice.choice(CODES),
            reason=Reason.DUPLICATE,
            evidence=(Span(7, 9),) if dice.random() < 0.3 else (),
            order=tuple(dice.sample(final := [c.code for c in state.final], len(final))),
            poa=dice.choice("YN"),
        )
        try:
            check(decision, state, n_chars=100)
        except DecisionError:
            continue
        events.append(Event(len(events) + 1, "u", "2026-11-02", decision))
    return events


def act(decision: Decision) -> dict[str, Any]:
    """Return the decision as the page sends it: what its kind needs, and no more."""
    sent: dict[str, Any] = {"kind": decision.kind.value}
    if decision.kind is Kind.SEQUENCE:
        return sent | {"order": [pair(code) for code in decision.order]}
    sent["code"] = pair(decision.code)
    if decision.kind is Kind.REPLACE:
        sent["replacement"] = pair(decision.replacement)
    if decision.kind in (Kind.REJECT, Kind.REPLACE):
        sent["reason"] = decision.reason
    if decision.kind is Kind.POA:
        sent["poa"] = decision.poa
    if decision.evidence and decision.kind in (Kind.ACCEPT, Kind.ADD, Kind.REPLACE):
        sent["evidence"] = [{"start": s.start, "end": s.end} for s in decision.evidence]
    return sent


def pair(code: Code | None) -> dict[str, str]:
    assert code is not None
    return {"system": code.system.value, "value": code.value}


def comparable(codes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: code.get(name) for name in COMPARED} for code in codes]


def test_the_page_folds_as_the_server_does(browser: Any, url: str) -> None:
    histories = [history(seed) for seed in range(60)]
    page = browser.new_page()
    page.goto(f"{url}/login")
    start = state_record(fold([], SUGGESTED), None)
    suggested = [s.code.value for s in SUGGESTED]
    sent = [[act(event.decision) for event in events] for events in histories]
    found = page.evaluate(FOLDED, [f"{STATIC_PATH}/js/fold.js", start, suggested, sent])
    page.close()
    assert sum(map(len, sent)) > 300
    for seed, (events, codes) in enumerate(zip(histories, found, strict=True)):
        wanted = state_record(fold(events, SUGGESTED), None)["codes"]
        assert comparable(codes) == comparable(wanted), f"seed {seed}"

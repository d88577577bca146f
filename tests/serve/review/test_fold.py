"""What follows from a coder's decisions, one after another."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cac.coding import Code, CodeSystem
from cac.note import Span
from serve.errors import DecisionError
from serve.review import Decision, Event, Kind, Reason, ReviewState, Suggested, check, fold
from serve.review.decision import decision_of, record_of

A, B, C, D = (Code(CodeSystem.ICD10CM, v) for v in ("I50.23", "E11.22", "N18.32", "I10"))
PROCEDURE = Code(CodeSystem.CPT, "99213")
SUGGESTED = [Suggested(A, "first", (Span(0, 5),)), Suggested(B, "second"), Suggested(C, "third")]
N_CHARS = 100


def take(*decisions: Decision, suggested: Sequence[Suggested] = SUGGESTED) -> ReviewState:
    events: list[Event] = []
    for decision in decisions:
        check(decision, fold(events, suggested), n_chars=N_CHARS)
        events.append(Event(len(events) + 1, "u", "t", decision))
    return fold(events, suggested)


def accept(code: Code) -> Decision:
    return Decision(Kind.ACCEPT, code)


def reject(code: Code, reason: Reason = Reason.NEGATED) -> Decision:
    return Decision(Kind.REJECT, code, reason=reason)


def statuses(state: ReviewState) -> dict[str, str]:
    return {c.code.value: c.status.value for c in state.codes}


def order(state: ReviewState) -> list[str]:
    return [c.code.value for c in state.final]


def test_nothing_is_accepted_by_itself() -> None:
    state = take()
    assert statuses(state) == {"I50.23": "suggested", "E11.22": "suggested", "N18.32": "suggested"}
    assert state.final == ()
    assert state.version == 0


def test_accepted_rejected_and_added_codes() -> None:
    state = take(accept(B), reject(A), Decision(Kind.ADD, D, evidence=(Span(7, 9),)), accept(C))
    assert statuses(state) == {
        "I50.23": "rejected", "E11.22": "accepted", "N18.32": "accepted", "I10": "added",
    }  # fmt: skip
    assert order(state) == ["E11.22", "N18.32", "I10"]
    assert state.codes[0].reason is Reason.NEGATED
    assert state.codes[3].evidence == (Span(7, 9),)


def test_a_replacement_stands_in_its_place_with_the_evidence() -> None:
    state = take(Decision(Kind.REPLACE, A, replacement=D, reason=Reason.WRONG_SPECIFICITY))
    old, new = state.of(A), state.of(D)
    assert old
    assert new
    assert (old.status, old.replacement, new.status, new.replaces) == ("replaced", D, "added", A)
    assert new.evidence == (Span(0, 5),)
    assert order(state) == ["I10"]


@pytest.mark.parametrize("then", [accept(A), reject(A)])
def test_what_was_replaced_can_be_decided_anew(then: Decision) -> None:
    state = take(Decision(Kind.REPLACE, A, replacement=D), then)
    assert state.of(D) is None
    state = take(Decision(Kind.REPLACE, A, replacement=B), then)
    assert statuses(state)["E11.22"] == "suggested"


def test_a_replacement_accepted_before_stays_when_the_other_comes_back() -> None:
    state = take(accept(B), Decision(Kind.REPLACE, A, replacement=B), accept(A))
    assert order(state) == ["I50.23", "E11.22"]


def test_the_principal_one_leads_whatever_the_order() -> None:
    state = take(
        accept(A), accept(B), accept(C),
        Decision(Kind.PRINCIPAL, C),
        Decision(Kind.SEQUENCE, order=(B, A, C)),
    )  # fmt: skip
    assert order(state) == ["N18.32", "E11.22", "I50.23"]
    assert [c.principal for c in state.final] == [True, False, False]


def test_a_principal_one_that_is_rejected_leads_no_more() -> None:
    state = take(accept(A), accept(B), Decision(Kind.PRINCIPAL, A), reject(A))
    assert [(c.code, c.principal) for c in state.final] == [(B, False)]


def test_undo_and_redo_of_the_last_and_of_any_event() -> None:
    one, two = accept(A), accept(B)
    assert order(take(one, two, Decision(Kind.UNDO))) == ["I50.23"]
    assert order(take(one, two, Decision(Kind.UNDO), Decision(Kind.UNDO))) == []
    assert order(take(one, two, Decision(Kind.UNDO), Decision(Kind.REDO))) == ["I50.23", "E11.22"]
    state = take(one, two, Decision(Kind.UNDO, event=1))
    assert order(state) == ["E11.22"]
    assert (state.undoable, state.redoable) == ((2,), (1,))
    assert take(one, Decision(Kind.UNDO), two).redoable == ()


def test_completing_closes_and_reopening_opens() -> None:
    done = [accept(A), Decision(Kind.COMPLETE)]
    assert take(*done).is_complete
    with pytest.raises(DecisionError, match="reopen"):
        take(*done, accept(B))
    assert order(take(*done, Decision(Kind.REOPEN), accept(B))) == ["I50.23", "E11.22"]


def test_time_is_summed_and_comments_are_kept_until_undone() -> None:
    words = Decision(Kind.COMMENT, comment="ask the surgeon", active_ms=1500)
    state = take(words, Decision(Kind.ACCEPT, A, active_ms=500))
    assert state.active_ms == 2000
    assert [e.decision.comment for e in state.comments] == ["ask the surgeon"]
    assert take(words, Decision(Kind.UNDO)).comments == ()


def test_a_blinded_coder_adds_what_would_have_been_suggested() -> None:
    state = take(Decision(Kind.ADD, A), suggested=[])
    assert statuses(state) == {"I50.23": "added"}
    with pytest.raises(DecisionError, match="add it"):
        take(accept(B), suggested=[])


@pytest.mark.parametrize(
    ("decisions", "says"),
    [
        ([accept(D)], "add it"),
        ([Decision(Kind.ACCEPT)], "needs a code"),
        ([Decision(Kind.REJECT, A)], "needs a reason"),
        ([reject(A, Reason.OTHER)], "needs a comment"),
        ([Decision(Kind.REPLACE, A)], "another code"),
        ([Decision(Kind.REPLACE, A, replacement=A)], "another code"),
        ([Decision(Kind.ADD, A)], "already"),
        ([Decision(Kind.PRINCIPAL, A)], "accept it first"),
        ([Decision(Kind.ADD, PROCEDURE), Decision(Kind.PRINCIPAL, PROCEDURE)], "diagnosis"),
        ([accept(A), Decision(Kind.SEQUENCE, order=(A, B))], "names each"),
        ([accept(A), Decision(Kind.SEQUENCE, order=(A, A))], "names each"),
        ([accept(A), Decision(Kind.POA, A, poa="X")], "one of"),
        ([Decision(Kind.COMMENT, comment=" ")], "empty"),
        ([Decision(Kind.COMMENT, comment="x" * 4001)], "at most"),
        ([Decision(Kind.UNDO)], "nothing to undo"),
        ([accept(A), Decision(Kind.UNDO, event=7)], "Event 7"),
        ([Decision(Kind.REDO)], "nothing to redo"),
        ([Decision(Kind.REOPEN)], "open already"),
        ([Decision(Kind.ADD, D, evidence=(Span(90, 101),))], "does not lie"),
        ([Decision(Kind.ADD, D, evidence=(Span(5, 5),))], "does not lie"),
        ([Decision(Kind.ACCEPT, A, active_ms=-1)], "active_ms"),
    ],
)
def test_what_is_not_allowed_says_why(decisions: list[Decision], says: str) -> None:
    with pytest.raises(DecisionError, match=says):
        take(*decisions)


CODES = st.sampled_from([A, B, C, D])
ANY = st.builds(
    Decision,
    st.sampled_from([Kind.ACCEPT, Kind.REJECT, Kind.REPLACE, Kind.ADD, Kind.PRINCIPAL, Kind.POA]),
    CODES,
    replacement=CODES,
    reason=st.sampled_from([Reason.NEGATED, Reason.DUPLICATE]),
    poa=st.sampled_from(["Y", "N"]),
)


def allowed(decisions: Sequence[Decision]) -> list[Event]:
    events: list[Event] = []
    for decision in decisions:
        try:
            check(decision, fold(events, SUGGESTED), n_chars=N_CHARS)
        except DecisionError:
            continue
        events.append(Event(len(events) + 1, "u", "t", decision))
    return events


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, max_size=12), ANY)
def test_undo_gives_the_state_before_and_redo_the_one_after(
    decisions: list[Decision], last: Decision
) -> None:
    events = allowed(decisions)
    before = fold(events, SUGGESTED).codes
    events.append(Event(len(events) + 1, "u", "t", last))
    after = fold(events, SUGGESTED).codes
    events.append(Event(len(events) + 1, "u", "t", Decision(Kind.UNDO)))
    assert fold(events, SUGGESTED).codes == before
    events.append(Event(len(events) + 1, "u", "t", Decision(Kind.REDO)))
    assert fold(events, SUGGESTED).codes == after


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, max_size=12))
def test_sequence_counts_the_final_codes_and_one_at_most_leads(decisions: list[Decision]) -> None:
    state = fold(allowed(decisions), SUGGESTED)
    assert [c.sequence for c in state.final] == list(range(1, len(state.final) + 1))
    assert {c.status.value for c in state.final} <= {"accepted", "added"}
    assert sum(c.principal for c in state.codes) <= 1
    assert len({c.code for c in state.codes}) == len(state.codes)


@given(ANY)
def test_the_record_of_a_decision_reads_back_without_its_words(decision: Decision) -> None:
    record = record_of(decision)
    assert decision_of(record) == decision
    words = Decision(Kind.COMMENT, A, comment="the patient's words")
    assert "words" not in str(record_of(words))

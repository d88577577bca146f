"""One thread, a bounded queue, deadlines, cancellation, change of model."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cac.coding import CodingResult
from cac.errors import BundleError
from cac.note import Note
from serve.engine.engine import Engine, Limits
from serve.engine.errors import DeadlineError, NotReadyError, QueueFullError
from serve.engine.models import Models
from serve.engine.question import Question
from serve.errors import ConflictError


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def question(name: str) -> Question:
    return Question(Note(name, "gout"))


@pytest.fixture
def engine(suggester: Any) -> Iterator[Engine]:
    made = Engine(Models(lambda _: suggester), Limits(queue_size=2))
    made.start("")
    until(lambda: ready(made))
    suggester.asked.clear()
    yield made
    suggester.hold.set()
    made.stop()


def ready(engine: Engine) -> bool:
    try:
        engine.require_ready()
    except NotReadyError:
        return False
    return True


def names(outcomes: list[Any]) -> list[str]:
    assert all(isinstance(o, CodingResult) for o in outcomes)
    return [o.note_id for o in outcomes]


def busy(engine: Engine, suggester: Any) -> Any:
    """Keep the engine at one note until ``suggester.hold`` is set."""
    suggester.hold.clear()
    future = engine.submit([question("held")], deadline_s=9)
    until(lambda: engine.load.busy_s > 0)
    return future


def test_all_notes_of_a_request_are_answered_in_order(engine: Engine) -> None:
    future = engine.submit([question(n) for n in "abc"], deadline_s=5)
    assert names(future.result(5)) == ["a", "b", "c"]


def test_beyond_the_queue_it_is_refused_with_a_time_to_come_again(
    engine: Engine, suggester: Any
) -> None:
    futures = [busy(engine, suggester)]
    futures += [engine.submit([question(n)], deadline_s=9) for n in "ab"]
    with pytest.raises(QueueFullError) as refused:
        engine.submit([question("c")], deadline_s=9)
    assert refused.value.retry_after_s >= 1
    suggester.hold.set()
    assert [names(f.result(5)) for f in futures] == [["held"], ["a"], ["b"]]


def test_under_lasting_load_only_what_has_its_turn_soon_is_let_in(
    engine: Engine, suggester: Any
) -> None:
    held = busy(engine, suggester)
    waiting = [engine.submit([question(n)], deadline_s=9) for n in "ab"]
    with pytest.raises(QueueFullError):
        engine.submit([question("c")], deadline_s=9)
    assert waiting.pop().cancel()
    # There is a place, but its turn is two notes away.
    with pytest.raises(QueueFullError):
        engine.submit([question("d")], deadline_s=9)
    suggester.hold.set()
    for future in (held, *waiting):
        future.result(5)
    assert names(engine.submit([question("e")], deadline_s=9).result(5)) == ["e"]


def test_a_list_is_not_let_in_beside_as_many_others(engine: Engine, suggester: Any) -> None:
    def ask(n_notes: int) -> Any:
        return engine.submit([question("x") for _ in range(n_notes)], deadline_s=9)

    futures = [busy(engine, suggester), ask(3), ask(3)]
    with pytest.raises(QueueFullError):
        ask(3)
    suggester.hold.set()
    assert [len(f.result(5)) for f in futures] == [1, 3, 3]


def test_work_that_nobody_waits_for_is_never_refused_and_comes_last(
    engine: Engine, suggester: Any
) -> None:
    held = busy(engine, suggester)
    behind = [
        engine.submit([question(f"b{n}")], deadline_s=9, is_waited_for=False) for n in range(5)
    ]
    first = engine.submit([question("first")], deadline_s=9)
    suggester.hold.set()
    for future in (held, first, *behind):
        future.result(5)
    assert suggester.asked.index("first") < suggester.asked.index("b2")


def test_a_long_request_takes_turns_with_a_short_one(engine: Engine, suggester: Any) -> None:
    held = busy(engine, suggester)
    long = engine.submit([question(f"long{n}") for n in range(20)], deadline_s=9)
    short = engine.submit([question("short")], deadline_s=9)
    suggester.hold.set()
    for future in (held, long, short):
        future.result(5)
    assert suggester.asked.index("short") < suggester.asked.index("long3")


def test_what_is_cancelled_frees_its_place_and_is_not_done(engine: Engine, suggester: Any) -> None:
    busy(engine, suggester)
    futures = [engine.submit([question(n)], deadline_s=9) for n in "ab"]
    assert futures[0].cancel()
    assert engine.load.n_waiting == 1
    last = engine.submit([question("c")], deadline_s=9)
    suggester.hold.set()
    assert names(last.result(5)) == ["c"]
    assert "a" not in suggester.asked


def test_a_cancelled_request_stops_between_its_notes(engine: Engine, suggester: Any) -> None:
    suggester.hold.clear()
    future = engine.submit([question(f"n{n}") for n in range(5)], deadline_s=9)
    until(lambda: engine.load.busy_s > 0)
    assert future.cancel()
    suggester.hold.set()
    engine.submit([question("after")], deadline_s=9).result(5)
    assert suggester.asked == ["n0", "after"]


def test_past_its_deadline_a_request_is_not_done(engine: Engine, suggester: Any) -> None:
    busy(engine, suggester)
    late = engine.submit([question("late")], deadline_s=0.01)
    time.sleep(0.03)
    suggester.hold.set()
    with pytest.raises(DeadlineError):
        late.result(5)
    assert "late" not in suggester.asked


def test_one_note_that_takes_too_long_makes_the_engine_not_ready(suggester: Any) -> None:
    engine = Engine(Models(lambda _: suggester), Limits(stuck_s=0.05))
    engine.start("")
    until(lambda: ready(engine))
    future = busy(engine, suggester)
    until(lambda: not ready(engine))
    suggester.hold.set()
    future.result(5)
    until(lambda: ready(engine))
    engine.stop()


def test_a_failure_ends_its_own_request_alone(engine: Engine, suggester: Any) -> None:
    good = suggester.suggest
    suggester.suggest = lambda *_, **__: 1 / 0
    broken = engine.submit([question("a")], deadline_s=5)
    with pytest.raises(ZeroDivisionError):
        broken.result(5)
    suggester.suggest = good
    assert names(engine.submit([question("b")], deadline_s=5).result(5)) == ["b"]


def test_what_waits_when_the_server_stops_is_told_so(suggester: Any) -> None:
    engine = Engine(Models(lambda _: suggester))
    engine.start("")
    until(lambda: ready(engine))
    busy(engine, suggester)
    waiting = engine.submit([question("a")], deadline_s=9)
    threading.Timer(0.02, suggester.hold.set).start()
    engine.stop()
    with pytest.raises(NotReadyError):
        waiting.result(5)
    with pytest.raises(NotReadyError):
        engine.submit([question("b")], deadline_s=9)


def test_a_model_that_fails_to_load_is_told_with_its_reason() -> None:
    def fail(_: str | None) -> Any:
        raise BundleError("The bundle has no manifest.")

    engine = Engine(Models(fail))
    engine.start("gone")
    until(lambda: "could not" in engine.models.why_not_ready)
    with pytest.raises(NotReadyError, match="no manifest"):
        engine.require_ready()
    engine.stop()


def test_a_fault_of_the_loading_is_told_without_its_words() -> None:
    def fail(_: str | None) -> Any:
        raise RuntimeError("Marmaduke Quill")

    models = Models(fail)
    models.start("gone").join()
    assert models.why_not_ready.endswith("RuntimeError")


def test_a_model_of_another_language_is_warmed_by_a_note_of_that(suggester: Any) -> None:
    english = suggester.suggest

    def spanish_alone(note: Note, **options: Any) -> CodingResult:
        if note.language != "es":
            raise BundleError("another language")
        return english(note, **options)  # type: ignore[no-any-return]

    suggester.suggest = spanish_alone
    models = Models(lambda _: suggester)
    assert models.change("x").suggester is suggester


def versions(engine: Engine, n_notes: int) -> list[str]:
    future = engine.submit([question(f"n{n}") for n in range(n_notes)], deadline_s=5)
    return [o.model_version for o in future.result(5) if isinstance(o, CodingResult)]


def test_a_change_of_model_loses_no_request_and_goes_back(stubs: dict[str, Any]) -> None:
    engine = Engine(Models(lambda bundle: stubs[bundle or "a"]), Limits(queue_size=1000))
    engine.start("")
    until(lambda: ready(engine))
    stubs["a"].hold.clear()
    before = [engine.submit([question("x"), question("y")], deadline_s=9) for _ in range(50)]
    engine.models.change("b")
    after = [engine.submit([question("x")], deadline_s=9) for _ in range(50)]
    stubs["a"].hold.set()
    # A request is answered by the model that was in use when it came, all its notes alike.
    answered = [[o.model_version for o in f.result(5)] for f in before]  # type: ignore[union-attr]
    assert answered == [["a", "a"]] * 50
    assert [[o.model_version for o in f.result(5)] for f in after] == [["b"]] * 50  # type: ignore[union-attr]
    assert engine.models.roll_back().version == "a"
    assert versions(engine, 2) == ["a", "a"]
    engine.stop()


def test_a_change_that_fails_leaves_the_model_in_use(stubs: dict[str, Any]) -> None:
    def load(bundle: str | None) -> Any:
        if bundle == "broken":
            raise BundleError("damaged")
        return stubs[bundle or "a"]

    models = Models(load)
    models.change("")
    with pytest.raises(BundleError):
        models.change("broken")
    assert models.current.version == "a"
    with pytest.raises(ConflictError, match="no earlier"):
        models.roll_back()


def test_two_changes_at_once_are_refused(stubs: dict[str, Any]) -> None:
    models = Models(lambda bundle: stubs[bundle or "a"])
    stubs["a"].hold.clear()
    first = models.start("")
    until(lambda: models._changing.locked())
    with pytest.raises(ConflictError, match="under way"):
        models.change("b")
    stubs["a"].hold.set()
    first.join()


def test_a_shadow_answers_unseen_and_its_agreement_is_kept(stubs: dict[str, Any]) -> None:
    engine = Engine(Models(lambda bundle: stubs[bundle or "a"]), Limits(queue_size=8))
    engine.start("")
    until(lambda: ready(engine))
    engine.models.change_shadow("without gout")
    for name, text in (("n1", "CKD, gout"), ("n2", "CKD"), ("n3", "gout")):
        outcomes = engine.submit([Question(Note(name, text))], deadline_s=5).result(5)
        assert [o.model_version for o in outcomes] == ["a"]  # type: ignore[union-attr]
    until(lambda: len(engine.agreements.newest) == 3)
    assert [c.jaccard for c in engine.agreements.newest] == [0.5, 1.0, 0.0]
    counts = [(c.n_both, c.n_model_only, c.n_shadow_only) for c in engine.agreements.newest]
    assert counts == [(1, 1, 0), (1, 0, 0), (0, 1, 0)]
    assert [c.is_same_first for c in engine.agreements.newest] == [True, True, False]
    stubs["without gout"].suggest = lambda *_, **__: 1 / 0
    assert versions(engine, 2) == ["a", "a"]  # a fault of the shadow is nobody's concern
    engine.models.end_shadow()
    assert versions(engine, 1) == ["a"]
    engine.stop()


class Together:
    """Stands for a model on a GPU: counts how many notes it was given at once."""

    model_version = "together"
    batch_size = 4

    def __init__(self, suggester: Any) -> None:
        self.one = suggester
        self.sizes: list[int] = []

    def suggest(self, note: Note, **options: Any) -> CodingResult:
        self.sizes.append(1)
        if note.note_id == "bad":
            raise ZeroDivisionError
        return self.one.suggest(note, **options)  # type: ignore[no-any-return]

    def suggest_many(self, notes: Any, **options: Any) -> list[Any]:
        self.sizes.append(len(notes))
        if any(note.note_id == "bad" for note in notes):
            raise ZeroDivisionError
        return [
            BundleError("another language")
            if note.language == "es"
            else self.one.suggest(note, **options)
            for note in notes
        ]


@pytest.fixture
def together(suggester: Any) -> Iterator[tuple[Engine, Together]]:
    model = Together(suggester)
    engine = Engine(Models(lambda _: model), Limits(queue_size=9))
    engine.start("")
    until(lambda: ready(engine))
    model.sizes.clear()
    yield engine, model
    suggester.hold.set()
    engine.stop()


def test_what_waits_is_answered_together_where_the_model_likes_it(
    together: tuple[Engine, Together], suggester: Any
) -> None:
    engine, model = together
    held = busy(engine, suggester)
    spanish = Question(Note("s", "gota", language="es"))
    asked = [
        engine.submit(questions, deadline_s=9)
        for questions in ([question("a")], [question(n) for n in "bcd"], [spanish])
    ]
    behind = engine.submit([question("e")], deadline_s=9, is_waited_for=False)
    suggester.hold.set()
    assert names(held.result(5)) == ["held"]
    assert names(asked[0].result(5)) == ["a"]
    assert names(asked[1].result(5)) == ["b", "c", "d"]
    [refused] = asked[2].result(5)
    assert isinstance(refused, BundleError)
    assert names(behind.result(5)) == ["e"]
    # One note of each that waits; then the list's last two, as many as there is room for.
    assert model.sizes == [1, 4, 2]


def test_a_fault_at_one_note_is_not_that_of_those_beside_it(
    together: tuple[Engine, Together], suggester: Any
) -> None:
    engine, model = together
    held = busy(engine, suggester)
    asked = [engine.submit([question(n)], deadline_s=9) for n in ("a", "bad", "b")]
    suggester.hold.set()
    held.result(5)
    assert names(asked[0].result(5)) == ["a"]
    assert names(asked[2].result(5)) == ["b"]
    with pytest.raises(ZeroDivisionError):
        asked[1].result(5)
    assert model.sizes == [1, 3, 1, 1, 1]


def test_each_question_gets_what_it_asked_for_of_an_answer_together(
    together: tuple[Engine, Together], suggester: Any
) -> None:
    engine, model = together
    held = busy(engine, suggester)
    notes = [Note("n", "CKD, gout"), Note("n", "CKD, gout"), Note("n", "CKD, gout")]
    questions = [
        Question(notes[0]),
        Question(notes[1], top_k=1),
        Question(notes[2], min_probability=0.0),
    ]
    asked = [engine.submit([q], deadline_s=9) for q in questions]
    suggester.hold.set()
    held.result(5)
    found = [f.result(5)[0] for f in asked]
    assert [len(r.suggestions) for r in found if isinstance(r, CodingResult)] == [2, 1, 2]
    assert model.sizes == [1, 2, 1]

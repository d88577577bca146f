"""Settings that are stored, and the agreement of two models."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from cac.note import Note
from serve.engine.shadow import Comparison
from serve.errors import DecisionError
from serve.settings import Settings
from serve.store import Store
from serve.store.agreements import add_compared, agreements_of
from serve.store.audit import audit
from serve.store.notes import add_note
from serve.store.site import (
    InForce,
    Name,
    forget_setting,
    in_force,
    set_blinded_share,
    store_setting,
)
from serve.store.tables import LogRow

from ..conftest import Clock


def force(store: Store, name: Name = Name.BLINDED_SHARE) -> InForce:
    with store.read() as session:
        return in_force(session, store.settings, name)


def logged(store: Store) -> list[dict[str, Any]]:
    with store.read() as session:
        rows = session.query(LogRow).where(LogRow.kind == "setting.changed")
        return [json.loads(row.body) for row in rows.order_by(LogRow.seq)]


def faults(store: Store) -> list[str]:
    with store.read() as session:
        return audit(session, store.secrets).faults


def test_the_variable_starts_and_what_is_stored_wins(
    store: Store, people: dict[str, str], clock: Clock
) -> None:
    store.settings = store.settings.model_copy(update={"blinded_share": 0.25})
    assert force(store) == InForce(0.25, 0.25)
    by = people["administrator"]
    store.write(lambda unit: set_blinded_share(unit, 1.0, by=by))
    assert force(store) == InForce(1.0, 0.25, clock(), by)
    blinded = store.write(lambda unit: add_note(unit, Note("a", "text"), by=by).blinded)
    store.write(lambda unit: set_blinded_share(unit, 0.0, by=by))
    shown = store.write(lambda unit: add_note(unit, Note("b", "text"), by=by).blinded)
    assert (blinded, shown) == (True, False)
    store.write(lambda unit: forget_setting(unit, Name.BLINDED_SHARE, by=by))
    store.write(lambda unit: forget_setting(unit, Name.BLINDED_SHARE, by=by))
    assert force(store) == InForce(0.25, 0.25)
    said = [(row["before"], row["after"], row["stored"]) for row in logged(store)]
    assert said == [(0.25, 1.0, True), (1.0, 0.0, True), (0.0, 0.25, False)]
    assert faults(store) == []


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_share_that_is_none_is_refused(store: Store, share: float) -> None:
    with pytest.raises(DecisionError, match="0 to 100"):
        store.write(lambda unit: set_blinded_share(unit, share, by="u"))
    assert force(store).is_stored is False


def test_a_setting_that_was_changed_past_the_program_is_named(store: Store) -> None:
    store.write(lambda unit: store_setting(unit, Name.BUNDLE, "better", by="u"))
    store.write(lambda unit: set_blinded_share(unit, 0.5, by="u"))
    assert faults(store) == []
    for statement, names in (
        ("UPDATE settings SET value = '0.1' WHERE name = 'blinded_share'", ["blinded_share"]),
        ("UPDATE settings SET changed_by = 'v' WHERE name = 'bundle'", ["blinded_share", "bundle"]),
        ("DELETE FROM settings", ["blinded_share", "bundle"]),
        (
            "INSERT INTO settings VALUES ('shadow', 'null', '2026-01-01 00:00:00', 'u')",
            ["blinded_share", "bundle", "shadow"],
        ),
    ):
        with store.engine.begin() as connection:
            connection.execute(text(statement))
        said = [f"setting {name}: is not what the log says was set last" for name in names]
        assert faults(store) == said


def compared(shadow: str, n_both: int, n_model_only: int, *, same: bool) -> Comparison:
    return Comparison("n", "model", shadow, n_both, n_model_only, 0, same)


def test_agreement_is_summed_by_pair_and_outlives_the_store(
    store: Store, settings: Settings, clock: Clock
) -> None:
    began = clock()
    store.write(lambda unit: add_compared(unit, [compared("s", 1, 1, same=True)]))
    clock.move(hours=1)
    several = [compared("s", 1, 0, same=False), compared("t", 0, 0, same=True)]
    store.write(lambda unit: add_compared(unit, several))
    store.close()
    again = Store(settings, store.secrets, clock=clock)
    with again.read() as session:
        found = {each.shadow_version: each for each in agreements_of(session)}
    again.close()
    assert found.keys() == {"s", "t"}
    sums = found["s"]
    assert (sums.n_notes, sums.n_both, sums.n_model_only, sums.n_shadow_only) == (2, 2, 1, 0)
    assert (sums.mean_jaccard, sums.same_first) == (0.75, 0.5)
    assert (sums.first_at, sums.last_at) == (began, clock())
    assert found["t"].mean_jaccard == 1.0


def test_two_processes_count_for_one_pair(store: Store, settings: Settings) -> None:
    other = Store(settings, store.secrets)
    store.write(lambda unit: add_compared(unit, [compared("s", 1, 1, same=True)]))
    futures = [
        s.submit(lambda unit: add_compared(unit, [compared("s", 1, 1, same=True)]))
        for _ in range(20)
        for s in (store, other)
    ]
    for future in futures:
        future.result()
    other.close()
    with store.read() as session:
        [sums] = agreements_of(session)
    assert (sums.n_notes, sums.n_both) == (41, 41)

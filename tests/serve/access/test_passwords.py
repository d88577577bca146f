"""How passwords are kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from argon2 import PasswordHasher

from serve.access import passwords
from serve.access.passwords import PARAMETERS, hashed, matches, one_time
from serve.errors import DecisionError, TooManyError

from ..waiting import wait_for


def test_passwords_are_hashed_as_rfc_9106_recommends() -> None:
    kept = PasswordHasher.from_parameters(PARAMETERS).hash("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert matches("correct horse battery", kept)
    assert not matches("correct horse batterz", kept)


@pytest.mark.parametrize("kept", [None, "", "no hash", "$argon2id$v=19$m=1$"])
def test_what_is_no_hash_is_no_match(kept: str | None) -> None:
    assert not matches("anything", kept)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1025])
def test_too_short_and_too_long_passwords_are_refused_by_length_alone(password: str) -> None:
    with pytest.raises(DecisionError, match=f"has {len(password)} characters"):
        hashed(password)


def test_one_time_passwords_differ_and_may_be_used() -> None:
    made = {one_time() for _ in range(20)}
    assert len(made) == 20
    assert all(matches(password, hashed(password)) for password in list(made)[:2])


def test_a_flood_of_log_ins_leaves_threads_to_others() -> None:
    kept = hashed("a good password")
    with ThreadPoolExecutor(14) as pool:
        with passwords._TURN, passwords._TURN:  # Both turns are taken.
            tries = [pool.submit(matches, "a good password", kept) for _ in range(14)]
            wait_for(lambda: sum(t.done() for t in tries) == 4, "four are sent away")
            refused = [t for t in tries if t.done()]
        for each in refused:
            with pytest.raises(TooManyError, match="try again"):
                each.result()
        assert [t.result() for t in tries if t not in refused] == [True] * 10
    assert matches("a good password", kept)


def test_who_is_nobody_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            verified.append(str(hash))
            return super().verify(hash, password)

    kept = hashed("a good password")
    monkeypatch.setattr(passwords, "_HASHER", Watched(time_cost=1, memory_cost=8, parallelism=1))
    assert not matches("wrong", kept)
    assert not matches("wrong", None)
    assert verified == [kept, passwords._NOBODY]

"""How passwords are kept."""

import pytest
from argon2 import PasswordHasher

from serve.access.passwords import PARAMETERS, hashed, matches, one_time
from serve.errors import DecisionError


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

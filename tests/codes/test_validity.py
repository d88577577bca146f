from datetime import date

import pytest

from cac.codes.validity import check_validity


@pytest.mark.parametrize(
    ("value", "day", "status", "said"),
    [
        ("E11.9", "2026-11-02", "billable", "valid and billable"),
        ("g35", "2025-09-30", "billable", "valid and billable"),
        ("G35", "2025-10-01", "incomplete", "It was billable until 2025-09-30"),
        ("E11.2", "2026-11-02", "incomplete", "E11.21, E11.22, E11.29"),
        ("I42.00", "2026-09-30", "not-yet", "valid since 2026-10-01"),
        ("T52.8X1A", "2026-10-01", "deleted", "valid until 2026-09-30"),
        ("S23.420A", "2026-10-01", "deleted", "No successor follows"),
        ("E11.99", "2026-11-02", "unknown", "Near: E11.9"),
        ("QQQQ", "2026-11-02", "unknown", "Nothing is near"),
        ("E11.9", "2014-05-05", "not-yet", "ICD-9-CM was"),
        ("E11.9", "2031-01-01", "billable", "judged by FY2027"),
    ],
)
def test_the_answer_names_the_day_and_the_mend(
    value: str, day: str, status: str, said: str
) -> None:
    answer = check_validity(value, date.fromisoformat(day))

    assert answer.status == status
    assert said in answer.message
    assert answer.is_billable == (status == "billable")


@pytest.mark.parametrize(
    ("value", "day", "instead"),
    [
        ("I42.00", "2026-09-30", ("I42.0",)),
        ("I42.0", "2026-10-01", ("I42.00", "I42.01", "I42.09")),
        ("T52.8X1A", "2026-10-01", ("T52.891A",)),
        ("T78.07XA", "2026-01-01", ("T78.070A", "T78.071A", "T78.079A")),
        ("QA1.71", "2026-01-01", ()),
    ],
)
def test_successors_and_predecessors_follow_from_the_hierarchy(
    value: str, day: str, instead: tuple[str, ...]
) -> None:
    assert check_validity(value, date.fromisoformat(day)).instead == instead

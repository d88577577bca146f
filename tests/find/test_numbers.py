import pytest

from cac.find.numbers import bmi_code, gestation_code, prematurity_code, read_numbers


@pytest.mark.parametrize(
    ("value", "code"),
    [(18.4, "Z68.1"), (20.0, "Z68.20"), (39.9, "Z68.39"), (40.0, "Z68.41"), (71.0, "Z68.45")],
)
def test_body_mass_index_bands(value: float, code: str) -> None:
    assert bmi_code(value) == code


@pytest.mark.parametrize(("weeks", "code"), [(6, "Z3A.01"), (8, "Z3A.08"), (39, "Z3A.39"), (3, "")])
def test_weeks_of_gestation(weeks: int, code: str) -> None:
    assert gestation_code(weeks) == code


@pytest.mark.parametrize(
    ("weeks", "code"), [(22, "P07.21"), (25, "P07.24"), (28, "P07.31"), (36, "P07.39"), (39, "")]
)
def test_weeks_of_a_preterm_newborn(weeks: int, code: str) -> None:
    assert prematurity_code(weeks) == code


def test_a_body_mass_index_counts_beside_a_diagnosis_of_weight_alone() -> None:
    assert [c.code.value for _, c in read_numbers("Obesity, BMI 33.4")] == ["Z68.33"]
    assert list(read_numbers("Vitals: BMI 23.4")) == []


def test_weeks_ago_are_no_gestation() -> None:
    assert list(read_numbers("Pregnancy test negative 6 weeks ago")) == []

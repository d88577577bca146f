"""The sex of the patient as the text states it, in both languages; never from a name."""

import pytest

from cac.note import Note
from cac.read import read_note
from cac.read.rule_files import LANGUAGES
from cac.read.sex import KINDS, Sex, load_sex_rules, stated_sex


def sex_of(text: str, language: str = "en") -> Sex:
    return stated_sex(read_note(Note("n", text, language=language)))


EXAMPLES = [
    pytest.param(language, rule.kind, sex, text, id=f"{language} {sex} {text}")
    for language in LANGUAGES
    for rule in load_sex_rules(language)
    for sex, text in rule.examples
]


@pytest.mark.parametrize(("language", "kind", "sex", "text"), EXAMPLES)
def test_each_rule_runs_on_its_sentences(language: str, kind: str, sex: Sex, text: str) -> None:
    assert kind in KINDS
    assert sex_of(text, language) is sex


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_rule_states_both_and_knows_where_neither_is(language: str) -> None:
    for rule in load_sex_rules(language):
        assert {sex for sex, _ in rule.examples} == set(Sex)
        own = [(sex, text) for sex, text in rule.examples if sex is not Sex.NOT_STATED]
        assert all(rule.pattern.search(text) for _, text in own), rule.pattern.pattern


@pytest.mark.parametrize(
    ("sex", "text"),
    [
        ("not stated", "Maria Lopez has a cough. Follow up with John."),
        ("female", "54-year-old woman. Her husband is here. He drove. He waits."),
        ("male", "Mr. Brown came with his wife. She says that he coughs. She worries."),
        ("not stated", "She has asthma. He, her son, called. She is well."),
        ("female", "She has asthma. She is well. She coughs. She sleeps. He, her son, called."),
        ("male", "Newborn boy, born to a 30-year-old woman after an uneventful pregnancy."),
        ("female", "30-year-old woman, delivered of a baby boy this morning."),
        ("not stated", "FAMILY HISTORY:\nA 50-year-old man in the family had gout.\n"),
        ("not stated", "Mother is a 50-year-old woman with diabetes."),
    ],
)
def test_what_is_said_of_others_is_not_said_of_the_patient(sex: str, text: str) -> None:
    assert sex_of(text) == sex


@pytest.mark.parametrize(
    ("sex", "text"),
    [
        ("not stated", "María López consulta por tos."),
        ("female", "Mujer de 30 años. El paciente refiere tos."),
        ("male", "Varón de 50 años, su esposa refiere que la paciente es ella."),
        ("not stated", "Antecedentes familiares:\nMujer de 50 años con gota.\n"),
    ],
)
def test_the_same_in_spanish(sex: str, text: str) -> None:
    assert sex_of(text, "es") == sex

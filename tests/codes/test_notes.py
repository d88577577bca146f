import pytest

from cac.codes.notes import CodeNote, parse_targets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type 1 diabetes mellitus (E10.-)", ["E10"]),
        ("perinatal diseases (P35-P39)", ["P35-P39"]),
        ("spaced out (S00 - S09)", ["S00-S09"]),
        ("open on both sides (F10.- -F19.-)", ["F10-F19"]),
        ("conditions in S06.1- to S06.6-, and S06.81-", ["S06.1-S06.6", "S06.81"]),
        ("a list (A33, A34; B95-B97)", ["A33", "A34", "B95-B97"]),
        ("letters count (C7A.00, M1A.-)", ["C7A.00", "M1A"]),
        ("vitamin B12 deficiency (E53.8)", ["E53.8"]),
        ("G6PD deficiency or influenza A/H1N1", []),
        ("current injury - see injury of joint by body region", []),
    ],
)
def test_the_codes_and_ranges_of_a_note_are_read(text: str, expected: list[str]) -> None:
    assert [str(target) for target in parse_targets(text)] == expected


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("x (E08-E13)", "E11.9", "E14"),
        ("x (I25.1-)", "I25.110", "I25.2"),
        ("x (S32.1--S32.9 with 7th character B)", "S32.9XXB", "S32.9XXA"),
        ("x (T36-T50 with fifth or sixth character 5)", "T40.2X5A", "T40.2X1A"),
        ("x (T36-T50) with fifth or sixth character 6", "T40.2X6A", "T40.2X5A"),
        ("x (T51-T65 with fifth or sixth character 1-4)", "T58.01XA", "T58.0"),
        ("x (T36-T65 with fifth or sixth character 1-4 or 6)", "T40.2X6A", "T40.2X5A"),
        ("x (T36-T50 with final character 6)", "T40.2X6D", "T40.2X5D"),
        ("x (E08-E13 with .22)", "E11.22", "E11.21"),
        ("x (E08-E13 with .51-.52)", "E11.52", "E11.59"),
        ("x (F10-F19, with .17, .27)", "F10.27", "F10.20"),
        ("x (I69. with final characters -23)", "I69.323", "I69.320"),
        ("x (E08, E09, E11 with final characters .00 or .01)", "E08.01", "E08.21"),
        ("x (F11-F19 with fifth to sixth characters 51)", "F11.951", "F11.950"),
    ],
)
def test_a_narrowed_range_covers_what_it_says(text: str, inside: str, outside: str) -> None:
    note = CodeNote(text)

    assert note.covers(inside)
    assert not note.covers(outside)


def test_a_narrowing_in_words_is_kept_for_the_reader() -> None:
    (target,) = parse_targets("open fracture of forearm (S52.- with open fracture 7th character)")

    assert target.condition == "with open fracture 7th character"
    assert target.covers("S52.501B")


def test_a_note_reads_as_its_text() -> None:
    assert str(CodeNote("type 1 diabetes mellitus (E10.-)")) == "type 1 diabetes mellitus (E10.-)"

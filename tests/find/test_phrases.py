import pytest

from cac.find.phrases import bag_of_title, bags_of_path, bags_of_title, is_residual


@pytest.mark.parametrize(
    ("title", "required"),
    [
        ("Heart failure, unspecified", {"heart", "failure"}),
        ("Pneumonia, unspecified organism", {"pneumonia"}),
        ("Type 2 diabetes mellitus without complications", {"type2", "diabetes"}),
        (
            "Type 2 diabetes mellitus with unspecified complications",
            {"type2", "diabetes", "complication"},
        ),
    ],
)
def test_titles_shed_what_no_note_says(title: str, required: set[str]) -> None:
    bag = bag_of_title(title)
    assert bag is not None
    assert bag.required == required


@pytest.mark.parametrize(
    "title", ["Other chronic pain", "Other specified disorders of kidney", "specified NEC"]
)
def test_what_is_left_over_names_nothing(title: str) -> None:
    assert is_residual(title)
    assert bag_of_title(title) is None


def test_bracketed_words_may_be_absent() -> None:
    bag = bag_of_title("Human immunodeficiency virus [HIV] disease")
    assert bag is not None
    assert "hiv" in bag.optional
    assert "hiv" not in bag.required


def test_and_between_two_sites_means_either() -> None:
    required = [bag.required for bag in bags_of_title("Idiopathic gout, ankle and foot")]
    assert {"idiopathic", "gout", "foot"} in required
    assert {"idiopathic", "gout", "ankle"} in required


def test_comma_forms_of_one_word_are_one_word() -> None:
    bags = list(bags_of_path(("Diabetes, diabetic", "with", "neuropathy")))
    assert [bag.required for bag in bags] == [{"diabetes", "neuropathy"}]


def test_or_gives_a_way_each_and_shares_its_head() -> None:
    ways = {frozenset(b.required) for b in bags_of_path(("Whitmore's disease or fever",))}
    assert all("whitmore" in way for way in ways)
    assert len(ways) == 2


@pytest.mark.parametrize("path", [("Anomaly, anomalous", "May"), ("Failure", "acute and")])
def test_a_level_that_leaves_no_word_names_nothing(path: tuple[str, ...]) -> None:
    assert all("~never" in bag.required for bag in bags_of_path(path))

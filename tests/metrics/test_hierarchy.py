"""Category and hierarchical F1, against counters by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cac.coding import Code, CodeSystem
from cac.metrics import category, category_micro, hierarchical_micro, prefix_ancestors

CM = [Code(CodeSystem.ICD10CM, v) for v in ("E11.9", "E11.65", "E11.649", "I10", "S52.501A")]
PCS = [Code(CodeSystem.ICD10PCS, v) for v in ("0DTJ4ZZ", "0DTJ", "BW40ZZZ")]
CODES = [*CM, *PCS, Code(CodeSystem.CPT, "99213")]


@pytest.mark.parametrize(
    ("system", "value", "wanted"),
    [
        (CodeSystem.ICD10CM, "S52.501A", "S52"),
        (CodeSystem.ICD10PCS, "BW40ZZZ", "BW4"),
        (CodeSystem.ICD9CM, "E885.9", "E885"),
        (CodeSystem.ICD9CM, "V10.11", "V10"),
        (CodeSystem.ICD9PCS, "47.01", "47"),
        (CodeSystem.CPT, "99213", "99213"),
    ],
)
def test_category(system, value, wanted):
    assert category(Code(system, value)) == wanted


def test_ancestors_are_shorter_forms():
    assert prefix_ancestors(CM[2]) == ("E1164", "E116", "E11")
    assert prefix_ancestors(CM[3]) == ()
    assert prefix_ancestors(CODES[-1]) == ()


bits = hnp.arrays(np.int64, (4, len(CODES)), elements=st.integers(0, 1))


@given(bits, bits)
def test_hierarchical_f1_by_counters(true, pred):
    n_both = n_true = n_pred = 0
    for t, p in zip(true, pred, strict=True):
        gold, found = Counter(), Counter()
        for row, counter in ((t, gold), (p, found)):
            for code, bit in zip(CODES, row, strict=True):
                if bit:
                    counter.update((code.system, n) for n in (code.value, *prefix_ancestors(code)))
        n_both += (gold & found).total()
        n_true += gold.total()
        n_pred += found.total()
    result = hierarchical_micro(true, pred, CODES)
    assert (result.n_correct, result.n_predicted, result.n_gold) == (n_both, n_pred, n_true)


@given(bits, bits)
def test_category_f1_by_sets(true, pred):
    n_both = n_true = n_pred = 0
    for t, p in zip(true, pred, strict=True):
        gold, found = (
            {(c.system, category(c)) for c, bit in zip(CODES, row, strict=True) if bit}
            for row in (t, p)
        )
        n_both, n_true, n_pred = n_both + len(gold & found), n_true + len(gold), n_pred + len(found)
    result = category_micro(true, pred, CODES)
    assert (result.n_correct, result.n_predicted, result.n_gold) == (n_both, n_pred, n_true)


def test_a_near_code_has_credit():
    true, pred = np.zeros((1, len(CODES))), np.zeros((1, len(CODES)))
    true[0, 1] = pred[0, 0] = 1
    assert category_micro(true, pred, CODES).f1 == 1
    assert 0 < hierarchical_micro(true, pred, CODES).f1 < 1

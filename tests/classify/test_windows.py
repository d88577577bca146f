import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cac.classify.windows import lay_windows


@given(st.integers(0, 400), st.integers(4, 60), st.data())
def test_every_token_is_owned_by_the_window_that_holds_it_nearest_its_centre(
    n_tokens: int, capacity: int, data: st.DataObject
) -> None:
    stride = data.draw(st.integers(0, capacity // 2))
    windows = lay_windows(n_tokens, capacity=capacity, stride=stride)
    assert windows.length <= capacity
    assert len(windows.owner) == n_tokens
    for token, owner in enumerate(windows.owner):
        distances = [
            abs(token - (start + (windows.length - 1) / 2))
            if start <= token < start + windows.length
            else np.inf
            for start in windows.starts
        ]
        assert distances[owner] == min(distances) < np.inf
        assert windows.starts[owner] + windows.offsets[token] == token


@given(st.integers(1, 20), st.integers(4, 60), st.data())
def test_no_window_is_empty_or_needless(n_full: int, capacity: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(0, capacity // 2))
    n_tokens = capacity + (n_full - 1) * (capacity - stride)
    assert len(lay_windows(n_tokens, capacity=capacity, stride=stride)) == n_full
    assert len(lay_windows(n_tokens + 1, capacity=capacity, stride=stride)) == n_full + 1
    windows = lay_windows(n_tokens + 1, capacity=capacity, stride=stride)
    assert set(windows.owner) == set(range(len(windows)))


def test_an_empty_note_has_no_window() -> None:
    windows = lay_windows(0, capacity=10, stride=2)
    assert (len(windows), windows.length, len(windows.offsets)) == (0, 0, 0)

import os
from pathlib import Path

import pytest

from cac.codes import cache


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAC_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "source.xml"
    path.write_text("one")
    return path


def _counting(made: list[str]) -> str:
    made.append("made")
    return f"text {len(made)}\nwith é"


def test_the_second_call_reads_what_the_first_wrote(source: Path) -> None:
    made: list[str] = []

    first = cache.cached("name", [source], lambda: _counting(made))
    second = cache.cached("name", [source], lambda: _counting(made))

    assert first == second == "text 1\nwith é"
    assert made == ["made"]


def test_a_changed_source_is_compiled_again_and_the_old_file_goes(source: Path) -> None:
    made: list[str] = []
    cache.cached("name", [source], lambda: _counting(made))

    source.write_text("another")
    text = cache.cached("name", [source], lambda: _counting(made))

    assert text.startswith("text 2")
    assert len(list(cache.cache_folder().iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"cut", None])
def test_a_damaged_file_is_made_again(source: Path, damage: bytes | None) -> None:
    made: list[str] = []
    cache.cached("name", [source], lambda: _counting(made))
    (stored,) = cache.cache_folder().iterdir()
    stored.write_bytes(stored.read_bytes()[:-1] if damage is None else damage)

    cache.cached("name", [source], lambda: _counting(made))

    assert len(made) == 2


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocker = source.parent / "file"
    blocker.write_text("")
    monkeypatch.setenv("CAC_CACHE", str(blocker))

    assert cache.cached("name", [source], lambda: "text") == "text"


def test_without_its_own_variable_the_cache_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAC_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache.cache_folder() == Path("/somewhere/cac/codes")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.cache_folder() == Path.home() / ".cache" / "cac" / "codes"


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        cache.write_atomically(path, b"new")

    assert [p.name for p in tmp_path.iterdir()] == ["kept"]
    assert path.read_bytes() == b"old"

"""Settings as an administrator writes them, and as the documentation lists them."""

import re
from pathlib import Path

import pytest

from cac.errors import SettingsError
from serve.settings import Settings, load_settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(CAC_[A-Z_]+)` \| (.*?) \|", PAGE, re.MULTILINE))
    wanted = {}
    for name, field in Settings.model_fields.items():
        default = field.default
        plain = default.get_secret_value() if hasattr(default, "get_secret_value") else default
        wanted[f"CAC_{name.upper()}"] = "none" if plain in ("", None, ()) else f"`{plain}`"
    assert rows == wanted


def test_values_come_from_the_environment_and_lists_have_commas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CAC_ALLOWED_HOSTS", "coding.example.org, 10.0.0.7")
    monkeypatch.setenv("CAC_PUBLIC_URL", "https://cac.example.org:8443/")
    settings = load_settings()
    assert settings.allowed_hosts == ("coding.example.org", "10.0.0.7")
    assert set(settings.hosts) == {
        "localhost", "127.0.0.1", "::1", "cac.example.org", "coding.example.org", "10.0.0.7",
    }  # fmt: skip
    assert settings.is_secure


def test_what_is_secret_may_stand_in_files_and_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "none"))
    assert load_settings().url.drivername == "sqlite"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "cac_database_url").write_text("postgresql://u:hunter2@h/d\n")
    (tmp_path / "cac_port").write_text("8701\n")
    monkeypatch.setenv("CAC_PORT", "8702")
    settings = load_settings()
    assert settings.url.password == "hunter2"
    assert settings.port == 8702
    monkeypatch.delenv("CAC_PORT")
    assert load_settings().port == 8701
    (tmp_path / "cac_bundle").mkdir()
    with pytest.raises(SettingsError, match="CREDENTIALS_DIRECTORY"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("", "sqlite"),
        ("sqlite:////tmp/x.sqlite", "sqlite"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("postgres://u:p@h/d", "postgresql+psycopg"),
    ],
)
def test_the_database_is_opened_by_the_driver_that_is_installed(given: str, driver: str) -> None:
    assert load_settings(database_url=given).url.drivername == driver


def test_secrets_are_not_shown() -> None:
    settings = load_settings(
        database_url="postgresql://u:hunter2@h/d", oidc_client_secret="hunter2"
    )
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("cac", False)],
)
def test_what_counts_as_local(host: str, is_local: bool) -> None:
    assert load_settings(host=host).is_local is is_local


@pytest.mark.parametrize(
    "bad", [{"port": 70000}, {"blinded_share": 2}, {"session_hours": 0}, {"max_notes": "many"}]
)
def test_a_value_that_is_not_allowed_names_its_variable(bad: dict[str, object]) -> None:
    [name] = bad
    with pytest.raises(SettingsError, match=f"CAC_{name.upper()}"):
        load_settings(**bad)

"""The image, compose.yaml and the unit agree with what they install. No image is built here."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from serve.settings import Settings, load_settings, unsafe

from .running import Running, can_be_read_only

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
UNIT = (ROOT / "deploy" / "cac.service").read_text()
SETTINGS = {f"CAC_{name.upper()}" for name in Settings.model_fields}
LIBRARY = {"CAC_CACHE", "CAC_CODE_SETS", "CAC_ENCODERS"}
SERVICES = ("server", "postgresql", "mlflow")
COMPOSES_OWN = {"CAC_PUBLISH"}


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def sources() -> Iterator[str]:
    """Yield what is copied from the repository."""
    for copied in instructions("COPY"):
        if not copied.startswith("--from"):
            yield from copied.split()[:-1]


def environment() -> dict[str, str]:
    """Return the variables of the image."""
    return dict(
        pair.split("=", 1) for line in instructions("ENV") for pair in line.split() if "=" in pair
    )


def test_what_the_image_copies_is_there_and_let_through() -> None:
    rules = (ROOT / ".dockerignore").read_text().split("\n")
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert "*" in rules
    assert set(sources()) == allowed
    for source in allowed:
        assert (ROOT / source).exists(), source
    assert not fnmatch.filter(allowed, "secrets*")


def test_the_image_installs_by_the_lock_what_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [installed] = [run for run in instructions("RUN") if "--constraint" in run]
    assert "--constraint constraints.txt" in installed
    [extras] = re.findall(r"\.\[([a-z0-9,]+)\]", installed)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    named = installed.split("]' ")[1].split("&&")[0].split()
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )  # fmt: skip
    assert set(named) <= set(pinned)
    [torch] = [name for name in project["optional-dependencies"]["neural"] if "torch==" in name]
    assert torch == f"torch=={pinned['torch']}"
    bases = {base.split()[0] for base in instructions("FROM")}
    low, high = re.findall(r"[\d.]+", project["requires-python"])
    [python] = {base.split(":")[1].split("-")[0] for base in bases}
    assert (python, int(high.split(".")[1])) == (low, int(low.split(".")[1]) + 1)


def test_the_image_runs_nobody_special_and_is_asked_for_its_health() -> None:
    [user] = instructions("USER")
    assert "0" not in user.split(":")
    assert instructions("ENTRYPOINT") == ['["cac", "serve"]']
    assert "health.py" in instructions("HEALTHCHECK")[0]
    assert not re.search(r"(?i)password|api_key=|token", DOCKERFILE.partition("FROM")[2])
    for name in ("CAC_STATE", "CAC_SECRETS", "CAC_CACHE"):
        assert environment()[name] in instructions("VOLUME")[0]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["tmpfs"]
    assert service["healthcheck"]["test"]
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    for volume in service["volumes"]:
        assert volume.split(":")[0] in COMPOSE["volumes"]
    for port in service.get("ports", []):
        assert port.startswith(("127.0.0.1:", "${CAC_PUBLISH:-127.0.0.1}:"))
    assert not [v for v in service.get("environment", {}) if v.endswith("PASSWORD")]


def test_the_server_waits_for_the_others_and_keeps_what_it_writes_in_volumes() -> None:
    server = COMPOSE["services"]["server"]
    assert set(server["depends_on"]) == {"postgresql", "mlflow"}
    assert {d["condition"] for d in server["depends_on"].values()} == {"service_healthy"}
    mounted = {volume.split(":")[1] for volume in server["volumes"]}
    assert mounted == {environment()[n] for n in ("CAC_STATE", "CAC_SECRETS", "CAC_CACHE")}


def named_variables() -> set[str]:
    compose = (ROOT / "compose.yaml").read_text()
    return set(re.findall(r"\bCAC_[A-Z_]+", compose + DOCKERFILE + UNIT))


def test_every_variable_is_a_setting() -> None:
    assert named_variables() - LIBRARY - COMPOSES_OWN <= SETTINGS
    credentials = {name.upper() for name in COMPOSE["secrets"] if name.startswith("cac_")}
    assert credentials <= SETTINGS


def test_what_compose_sets_is_safe_to_start() -> None:
    given = COMPOSE["services"]["server"]["environment"]
    plain = {
        name.removeprefix("CAC_").lower(): re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(value))
        for name, value in given.items()
        if name in SETTINGS
    }
    settings = load_settings(**plain)
    assert not settings.is_local
    assert settings.is_secure
    assert unsafe(settings) == []


def test_the_secrets_are_made_once_and_are_what_compose_reads(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here")
    folder = tmp_path / "secrets"
    for _ in range(2):
        command = ["sh", str(ROOT / "deploy" / "make_secrets.sh"), str(folder)]
        subprocess.run(command, check=True, timeout=30)
        made = {path.name: path.read_text() for path in folder.iterdir()}
    assert {Path(s["file"]).name for s in COMPOSE["secrets"].values()} == set(made)
    assert folder.stat().st_mode & 0o077 == 0
    url = load_settings(_secrets_dir=str(folder)).url
    owner = COMPOSE["services"]["postgresql"]["environment"]["POSTGRES_USER"]
    assert (url.host, url.username) == ("postgresql", owner)
    assert url.password == made["postgres_password"].strip()
    assert len(str(url.password)) == 48


def test_the_unit_is_one_that_systemd_takes_and_calls_safe(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    unit = tmp_path / "cac.service"
    unit.write_text(UNIT.replace("/usr/local/lib/cac/bin/cac", "/bin/true"))
    verify = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    judge = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit)]
    judged = subprocess.run(judge, capture_output=True, text=True, timeout=30, check=False)
    assert judged.returncode == 0, judged.stdout[-200:]


def test_the_server_needs_neither_a_root_that_can_be_written_nor_a_capability(
    running: Running,
) -> None:
    """It is the server that the examples and the first visitor's test ask."""
    if not can_be_read_only():
        pytest.skip("no mount namespace can be made here")
    process = Path("/proc") / str(running.pid)
    mounts = [line.split() for line in (process / "mountinfo").read_text().splitlines()]
    [root] = [mount for mount in mounts if mount[4] == "/"]
    assert "ro" in root[5].split(",")
    status = (process / "status").read_text()
    assert re.findall(r"Cap(?:Prm|Eff|Bnd):\s+(\w+)", status) == ["0" * 16] * 3
    assert re.search(r"NoNewPrivs:\s+1", status)


def test_the_health_check_tells_a_server_from_none(running: Running) -> None:
    def health(port: str) -> int:
        command = [sys.executable, str(ROOT / "deploy" / "health.py")]
        return subprocess.run(
            command, env=os.environ | {"CAC_PORT": port}, timeout=30, check=False
        ).returncode

    assert health(running.url.rpartition(":")[2]) == 0
    assert health("1") == 1

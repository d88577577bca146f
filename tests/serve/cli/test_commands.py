"""What an administrator types."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, text

import cac.cli
from cac.cli import main
from cac.note import Note
from serve.access.api_keys import principal_of_key
from serve.access.login import log_in
from serve.access.sessions import principal_of_session
from serve.access.users import user_named
from serve.cli.opening import prepared
from serve.errors import GoneError, UnauthenticatedError
from serve.settings import load_settings
from serve.store import Store, Unit
from serve.store.notes import add_note, read_note
from serve.store.tables import ApiKey
from serve.store.upkeep import Upkeep


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAC_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CAC_SECRETS", str(tmp_path / "keys"))
    monkeypatch.delenv("CAC_DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def started(folder: Path) -> Path:
    """The folder of a server that was started once."""
    prepared(load_settings()).close()
    return folder


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cac_(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def with_store(work: Callable[[Store], object]) -> None:
    store = prepared(load_settings())
    try:
        work(store)
    finally:
        store.close()


def test_an_account_from_its_making_to_its_lock(started: Path, cac_: Run) -> None:
    code, out, _ = cac_("users", "add", "ann", "--role", "coder")
    password = out.split()[-1]
    assert code == 0
    with_store(lambda s: log_in(s, "ann", password, address=""))
    assert "one-time password" in cac_("users", "list")[1]
    assert cac_("users", "role", "ann", "auditor")[0] == 0
    assert re.search(r"ann +auditor", cac_("users", "list")[1])
    again = cac_("users", "password", "ann")[1].split()[-1]
    assert cac_("users", "lock", "ann")[0] == 0

    def refused(store: Store) -> None:
        with pytest.raises(UnauthenticatedError):
            log_in(store, "ann", again, address="")

    with_store(refused)
    assert cac_("users", "unlock", "ann")[0] == 0
    with_store(lambda s: principal_of_session(s, log_in(s, "ann", again, address="")))
    code, _, err = cac_("users", "add", "ann", "--role", "coder")
    assert code == 2
    assert "already" in err


def test_a_key_from_its_making_to_its_end(started: Path, cac_: Run) -> None:
    cac_("users", "add", "bot", "--role", "coder", "--no-password")
    key = cac_("keys", "add", "bot", "--scopes", "suggest,notes:write", "--days", "3")[1].strip()
    with_store(lambda s: principal_of_key(s, key))
    prefix = key.split("_")[1]
    new = cac_("keys", "rotate", prefix)[1].strip()
    listed = cac_("keys", "list")[1]
    assert listed.count("notes:write suggest") == 2
    assert key.split("_", 2)[2] not in listed
    assert listed.count("  until ") == 2

    def end(unit: Unit) -> None:
        unit.session.get_one(ApiKey, prefix).expires_at = unit.now

    with_store(lambda s: s.write(end))
    assert cac_("keys", "list")[1].count("  expired ") == 1
    assert cac_("keys", "revoke", new.split("_")[1])[0] == 0
    assert "revoked" in cac_("keys", "list")[1]
    for wrong in ("admin", "nonsense", ""):
        assert cac_("keys", "add", "bot", "--scopes", wrong)[0] == 2


def test_a_key_of_before_is_given_a_scope_that_is_younger(started: Path, cac_: Run) -> None:
    cac_("users", "add", "bot", "--role", "auditor", "--no-password")
    key = cac_("keys", "add", "bot", "--scopes", "suggest,export")[1].strip()
    prefix = key.split("_")[1]
    assert "bot" in cac_("keys", "list")[1]
    assert "export suggest  (could have: log:read notes:read second)" in cac_("keys", "list")[1]
    assert cac_("keys", "scopes", prefix, "--add", "second") == (
        0, f"{prefix} now has: export, second, suggest.\n", "",
    )  # fmt: skip
    seen: list[frozenset[str]] = []
    with_store(lambda s: seen.append(principal_of_key(s, key).scopes))
    assert seen == [{"suggest", "export", "second"}]
    assert cac_("keys", "scopes", prefix, "--scopes", "second")[0] == 0
    assert "second  (could have: export log:read notes:read suggest)" in cac_("keys", "list")[1]
    new = cac_("keys", "rotate", prefix, "--scopes", "second,export")[1].strip()
    with_store(lambda s: seen.append(principal_of_key(s, new).scopes))
    assert seen[1:] == [{"second", "export"}]
    code, _, err = cac_("keys", "scopes", prefix, "--add", "admin")
    assert code == 2
    assert "may have one or more of: export, log:read, notes:read, second, suggest" in err
    assert cac_("keys", "scopes", "nowhere", "--add", "second")[0] == 2
    cac_("keys", "revoke", prefix)
    assert "was revoked" in cac_("keys", "scopes", prefix, "--add", "export")[2]
    assert cac_("log", "verify")[0] == 0


def tampered(folder: Path, *statements: str) -> None:
    engine = create_engine(f"sqlite:///{folder}/state/cac.sqlite")
    with engine.begin() as connection:
        for verb in ("UPDATE", "DELETE"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS log_no_{verb}"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_the_log_is_verified_headed_exported_and_tampering_is_found(
    started: Path, cac_: Run
) -> None:
    for name in "abcd":
        cac_("users", "add", name, "--role", "coder")
    head = started / "elsewhere" / "heads"
    assert "not proven" in cac_("log", "verify")[1]
    assert cac_("log", "head", "--output", str(head))[0] == 0
    assert json.loads(cac_("log", "head")[1])["seq"] == 6
    role = "UPDATE users SET role = '{}' WHERE name = 'b'"
    tampered(started, role.format("administrator"))
    assert "is 'administrator', and by the log 'coder'" in cac_("log", "verify")[1]
    tampered(started, role.format("coder"))
    exported = started / "log.jsonl"
    assert cac_("log", "export", "--output", str(exported))[0] == 0
    assert cac_("log", "verify", "--heads", str(head)) == (
        0, "7 rows, held against 1 kept heads: whole.\n", "",
    )  # fmt: skip
    assert cac_("log", "verify", "--file", str(exported), "--heads", str(head))[0] == 0

    tampered(started, "UPDATE log SET user_id = 'v' WHERE seq = 2")
    code, out, _ = cac_("log", "verify", "--heads", str(head))
    assert code == 1
    assert "FAULT row 2: not as signed" in out
    tampered(
        started,
        "DELETE FROM log WHERE seq > 3",
        "UPDATE log_head SET seq = 3, mac = (SELECT mac FROM log WHERE seq = 3)",
    )
    code, out, _ = cac_("log", "verify", "--heads", str(head))
    assert "FAULT rows 4-5: missing at the end" in out
    lines = exported.read_text().splitlines()
    exported.write_text("\n".join(lines[:2] + lines[3:]) + "\n")
    assert "row 3: missing" in cac_("log", "verify", "--file", str(exported))[1]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log_head",
        "INSERT INTO log_head SELECT 2, seq, mac FROM log_head",
        "UPDATE log_head SET seq = 1, mac = (SELECT mac FROM log WHERE seq = 1)",
    ],
)
def test_an_end_that_the_database_does_not_keep_is_a_fault(
    started: Path, cac_: Run, statement: str
) -> None:
    for name in "abc":
        cac_("users", "add", name, "--role", "coder")
    tampered(started, statement)
    code, out, _ = cac_("log", "verify")
    assert code == 1
    assert "FAULT log_head: is not the one last row of the log" in out


def test_a_head_that_cannot_be_kept_is_said_and_the_log_is_whole(started: Path, cac_: Run) -> None:
    (started / "file").write_text("no folder")
    code, out, err = cac_("log", "head", "--output", str(started / "file" / "heads"))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert cac_("log", "verify")[0] == 0
    broken = started / "log.jsonl"
    broken.write_text('{"seq": "1", "at": "", "kind": "", "user_id": "", "note_id": null, '
                      '"version": null, "body": "", "key_id": "", "mac": ""}\n')  # fmt: skip
    code, _, err = cac_("log", "verify", "--file", str(broken))
    assert code == 2
    assert "line 1 is no row of a log" in err


def test_the_server_keeps_heads_beside_the_keys(started: Path, cac_: Run) -> None:
    cac_("users", "add", "a", "--role", "coder")

    def look_after(store: Store) -> None:
        upkeep = Upkeep(store, every_s=60)
        upkeep.start()
        upkeep.stop()

    with_store(look_after)
    with_store(look_after)
    assert (started / "keys" / "log-heads.jsonl").read_text().count("\n") == 1
    cac_("users", "add", "b", "--role", "coder")
    with_store(look_after)
    assert "2 kept heads: whole" in cac_("log", "verify")[1]


def test_words_are_deleted_by_the_id_that_the_note_was_sent_under(started: Path, cac_: Run) -> None:
    cac_("users", "add", "a", "--role", "coder")
    ids: list[str] = []

    def add(store: Store) -> None:
        with store.read() as session:
            by = user_named(session, "a").id
        ids.append(store.write(lambda unit: add_note(unit, Note("visit 7", "text"), by=by).id))

    with_store(add)
    assert cac_("notes", "delete", "visit 7", "visit 8")[0] == 2
    with_store(lambda store: read(store, ids[0]))
    assert cac_("notes", "delete", "visit 7") == (0, "The text of 1 notes is deleted.\n", "")
    with pytest.raises(GoneError):
        with_store(lambda store: read(store, ids[0]))
    assert cac_("notes", "purge")[0] == 0


def read(store: Store, note: str) -> Note:
    with store.read() as session:
        return read_note(session, store.secrets, note)


@pytest.mark.parametrize("name", ["log", "text", "session"])
def test_keys_are_rotated_and_the_old_ones_kept(started: Path, cac_: Run, name: str) -> None:
    before = (started / "keys" / f"{name}.keys").read_text()
    assert cac_("secrets", "rotate", name)[0] == 0
    after = (started / "keys" / f"{name}.keys").read_text()
    assert after.endswith(before)
    assert len(after) == 2 * len(before)
    cac_("users", "add", "a", "--role", "coder")
    assert cac_("log", "verify")[0] == 0


def test_what_is_missing_is_said_in_one_line(folder: Path, cac_: Run) -> None:
    code, out, err = cac_("users", "list")
    assert (code, out) == (2, "")
    assert "log.keys is missing" in err
    prepared(load_settings()).close()
    (folder / "keys" / "text.keys").chmod(0o644)
    assert "chmod 600" in cac_("users", "list")[2]
    (folder / "keys" / "text.keys").chmod(0o600)
    cac_("users", "add", "a", "--role", "coder")
    (folder / "keys" / "log.keys").write_text("ab" * 32 + "\n")
    assert "CAC_SECRETS" in cac_("users", "list")[2]
    (folder / "keys" / "log.keys").write_text("no key\n")
    assert "hexadecimal" in cac_("users", "list")[2]


def test_a_lost_key_is_not_made_anew(started: Path, cac_: Run) -> None:
    (started / "keys" / "log.keys").unlink()
    code, _, err = cac_("serve", "--port", "0")
    assert code == 2
    assert "restore it from its backup" in err
    assert not (started / "keys" / "log.keys").exists()


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"CAC_HOST": "0.0.0.0"}, "there is no TLS"),
        ({"CAC_HOST": "0.0.0.0", "CAC_TRUSTED_PROXIES": "10.0.0.1"}, "CAC_PUBLIC_URL"),
        ({"CAC_PUBLIC_URL": "https://cac.example.org"}, "CAC_TRUSTED_PROXIES"),
        ({"CAC_TLS_KEY": "k.pem"}, "go together"),
        ({"CAC_CORS_ORIGINS": "*"}, "'*' is not allowed"),
        ({"CAC_CORS_ORIGINS": "null"}, "CAC_CORS_ORIGINS"),
        ({"CAC_CORS_ORIGINS": "https://ehr.example.org/"}, "nothing behind"),
        ({"CAC_ALLOWED_HOSTS": "*"}, "'*' is not allowed"),
        ({"CAC_TRUSTED_PROXIES": "*"}, "nor everybody"),
        ({"CAC_TRUSTED_PROXIES": "0.0.0.0/0"}, "nor everybody"),
        ({"CAC_TRUSTED_PROXIES": "10.0.0.7,proxy"}, "names of hosts"),
        ({"CAC_OIDC_ISSUER": "http://idp"}, "https://"),
        ({"CAC_PORT": "ninety"}, "CAC_PORT"),
        ({"CAC_DATABASE_URL": "mysql://u:hunter2@h/d"}, "Known: postgresql, sqlite"),
        ({"CAC_DATABASE_URL": "hunter2"}, "is no URL"),
    ],
)
def test_what_is_not_safe_does_not_start(
    folder: Path, cac_: Run, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], says: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code, _, err = cac_("serve")
    assert code == 2
    assert says in err
    assert "hunter2" not in err
    assert not (folder / "state").exists()


def test_the_check_says_what_is_missing(
    started: Path, cac_: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cac_("users", "add", "root", "--role", "administrator")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        taken = cac_("serve", "--check", "--port", str(port), "--bundle", str(started / "none"))
    assert taken[0] == 1
    assert taken[1].splitlines() == [
        "network: ok", "TLS: ok", "keys: ok", "database: ok",
        "bundle: CAC_BUNDLE names no folder; `cac learn` and the pipeline write bundles.",
        f"port: port {port} of 127.0.0.1 cannot be listened on; choose another.",
    ]  # fmt: skip
    monkeypatch.setenv("CAC_TLS_CERTIFICATE", str(started / "c.pem"))
    monkeypatch.setenv("CAC_TLS_KEY", str(started / "k.pem"))
    assert "cannot be read" in cac_("serve", "--check", "--port", "0")[1]
    monkeypatch.setenv("CAC_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/none")
    code, out, _ = cac_("serve", "--check", "--port", "0")
    assert code == 1
    assert "locked, full or away" in out
    assert "hunter2" not in out


def test_a_check_before_the_first_start_makes_nothing(folder: Path, cac_: Run) -> None:
    assert cac_("serve", "--check", "--port", "0")[0] == 0
    assert list(folder.iterdir()) == []


def test_without_the_extra_the_command_says_how_to_install_it(
    cac_: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: object) -> int:
        raise ModuleNotFoundError("No module named 'fastapi'", name="fastapi")

    other = SimpleNamespace(SUMMARY="serve", EXTRA="serve", add_arguments=lambda _: None, run=run)
    monkeypatch.setattr(cac.cli, "other_commands", lambda: {"serve": other})
    code, _, err = cac_("serve")
    assert code == 2
    assert "needs fastapi" in err
    assert "pip install 'cac[serve]'" in err


def test_the_first_start_prints_url_and_password_and_stops_when_told(folder: Path) -> None:
    program = "import sys; from cac.cli import main; sys.exit(main())"
    with subprocess.Popen(
        # A bundle that is not there: to load one takes longer than all else.
        [sys.executable, "-c", program, "serve", "--port", "0", "--sample-notes", "--bundle", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout
        url, password = (server.stdout.readline().split()[-1] for _ in range(2))
        status = status_of(f"{url}/v1/suggest", b"{}")
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == -signal.SIGTERM
    assert status == 401
    # What it does last of all, before the signal takes its usual course.
    assert (folder / "keys" / "log-heads.jsonl").exists()

    def look(store: Store) -> None:
        token = log_in(store, "admin", password, address="")
        assert principal_of_session(store, token).must_change
        with store.read() as session:
            kept = session.execute(text("SELECT count(*) FROM notes")).scalar()
        assert kept == 3

    with_store(look)
    assert (folder / "state" / "cac.sqlite").stat().st_mode & 0o077 == 0


def status_of(url: str, body: bytes) -> int:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from cac.codes.fetch import Offer, download, fetch, offer, offers
from cac.errors import CodeSetError, SettingsError

_TEXT = "".join(f"A{n:02}    Invented disease {n}\n" for n in range(100)) * 50


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as held:
        held.writestr("Code Descriptions/icd10cm_codes_2031.txt", _TEXT)
        held.writestr("readme.pdf", "nothing")
    return out.getvalue()


_ARCHIVE = _archive()


class _Publisher(BaseHTTPRequestHandler):
    """Serves one archive; ``/broken`` sends half of it, ``/plain`` knows no ranges."""

    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        if self.path == "/missing":
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if self.path == "/plain":
            start = 0
        if start >= len(_ARCHIVE):
            self.send_error(416)
            return
        body = b"<html>not a zip</html>" if self.path == "/page" else _ARCHIVE[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/broken" else body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Publisher)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    _Publisher.asked.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def _offer(url: str, **given: str) -> Offer:
    known = {
        "sha256": hashlib.sha256(_ARCHIVE).hexdigest(),
        "inner_file": "icd10cm_codes_2031.txt",
        "inner_sha256": hashlib.sha256(_TEXT.encode()).hexdigest(),
    }
    return Offer("icd10cm", "2031", url, **(known | given))


def test_an_archive_is_fetched_checked_and_unpacked(publisher: str, tmp_path: Path) -> None:
    told: list[int] = []

    path = fetch(_offer(f"{publisher}/a.zip"), tmp_path, lambda n, _: told.append(n))

    assert path.name == "icd10cm_codes_2031.txt"
    assert path.read_text() == _TEXT
    assert told[-1] == len(_ARCHIVE)
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_name_the_member_is_found_by_its_kind(publisher: str, tmp_path: Path) -> None:
    wanted = _offer(f"{publisher}/a.zip", inner_file="", inner_sha256="", sha256="")

    assert fetch(wanted, tmp_path).name == "icd10cm_codes_2031.txt"


@pytest.mark.parametrize("place", ["a.zip", "plain"])
def test_a_download_that_broke_off_is_continued(publisher: str, tmp_path: Path, place: str) -> None:
    part = tmp_path / "part"
    part.write_bytes(_ARCHIVE[:100])

    download(f"{publisher}/{place}", part)

    assert part.read_bytes() == _ARCHIVE
    assert _Publisher.asked == ["bytes=100-"]


def test_a_part_that_is_whole_is_left_alone(publisher: str, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(_ARCHIVE)

    download(f"{publisher}/a.zip", part)

    assert part.read_bytes() == _ARCHIVE


def test_half_an_archive_is_kept_to_be_continued_but_never_used(
    publisher: str, tmp_path: Path
) -> None:
    wanted = _offer(f"{publisher}/broken")

    with pytest.raises(CodeSetError, match=r"broke off after \d+ of \d+ bytes. Run again"):
        fetch(wanted, tmp_path)

    (part,) = tmp_path.iterdir()
    assert part.read_bytes() == _ARCHIVE[: len(_ARCHIVE) // 2]


def test_a_wrong_checksum_throws_the_archive_away(publisher: str, tmp_path: Path) -> None:
    with pytest.raises(CodeSetError, match=r"has SHA-256 [0-9a-f]{64}, not 0000"):
        fetch(_offer(f"{publisher}/a.zip", sha256="0000"), tmp_path)
    assert list(tmp_path.iterdir()) == []

    with pytest.raises(CodeSetError, match=r"icd10cm_codes_2031\.txt has SHA-256"):
        fetch(_offer(f"{publisher}/a.zip", inner_sha256="0000"), tmp_path)


@pytest.mark.parametrize(
    ("place", "said"),
    [("missing", "answers 404"), ("page", "is no zip archive")],
)
def test_what_is_no_archive_is_named(publisher: str, tmp_path: Path, place: str, said: str) -> None:
    with pytest.raises(CodeSetError, match=said):
        fetch(_offer(f"{publisher}/{place}", sha256=""), tmp_path)


def test_no_server_and_no_web_address(tmp_path: Path) -> None:
    with pytest.raises(CodeSetError, match="Cannot download"):
        fetch(_offer("http://127.0.0.1:9/a.zip"), tmp_path)
    with pytest.raises(SettingsError, match="no http"):
        fetch(_offer("file:///etc/hosts"), tmp_path)


def test_a_folder_that_cannot_be_written_is_named(publisher: str, tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")

    with pytest.raises(CodeSetError, match="Cannot write"):
        fetch(_offer(f"{publisher}/a.zip"), blocker)


def test_known_releases_come_with_address_and_checksum() -> None:
    assert {("icd10cm", "2027"), ("icd10cm", "2026-04"), ("hcpcs", "2026Q3")} <= set(offers())
    assert all(o.url.startswith("https://") and len(o.sha256) == 64 for o in offers().values())
    assert offer("icd10cm", "FY2027").release == "2027"
    with pytest.raises(SettingsError, match=r"icd10cm 2031.*2024, 2024-04"):
        offer("icd10cm", "2031")

"""Pack a registered bundle to be given away; one learnt under a forbidding licence is refused.

``python -m training.package configs/NAME.yaml --output FILE.tar.gz``
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from cac.errors import BundleError, SettingsError
from training.bundles import is_restricted, read_manifest
from training.command import Report, run_stage, stage_parser
from training.config import read_config
from training.environment import ROOT
from training.register import CARD, OUTCOME


def package(bundle: Path, registered: Path, output: Path) -> None:
    """Write the bundle, its card, the licence and the notices; the same bytes each time.

    Raises:
        SettingsError: the bundle is restricted.
        BundleError: it has not been registered.
    """
    if is_restricted(bundle):
        licence = read_manifest(bundle).get("licence") or "not stated"
        raise SettingsError(
            f"{bundle} is restricted (licence of what it was learnt from: {licence}) and is not "
            "packed. Share its figures and its configuration; others train it from their own copy."
        )
    if _version(registered) is None:
        raise BundleError(f"{bundle} is not registered. Run `python -m training.register` first.")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, path in _members(bundle, registered):
            data = path.read_bytes()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    output.write_bytes(gzip.compress(content.getvalue(), mtime=0))


def _version(registered: Path) -> int | None:
    path = registered / OUTCOME
    if not path.exists():
        return None
    version: int | None = json.loads(path.read_text(encoding="utf-8"))["version"]
    return version


def _members(bundle: Path, registered: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(bundle.rglob("*")):
        if path.is_file():
            yield f"bundle/{path.relative_to(bundle)}", path
    yield CARD, registered / CARD
    for name in ("LICENSE", "NOTICE"):
        yield name, ROOT / name


def main(argv: Sequence[str] | None = None) -> int:
    """Pack the bundle of a run."""
    parser = stage_parser("package", __doc__)
    parser.add_argument("--bundle", type=Path, help="none: out/runs/NAME/bundle")
    parser.add_argument("--registered", type=Path, help="none: out/runs/NAME/registered")
    parser.add_argument("--output", type=Path, required=True, help="the .tar.gz to write")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        folder = read_config(args.config).folder
        bundle = args.bundle or folder / "bundle"
        package(bundle, args.registered or folder / "registered", args.output)
        report(f"{args.output} written")

    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())

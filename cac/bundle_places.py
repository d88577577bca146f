"""Where a bundle is: what ships, a folder, or what a package installed beside this one fetches.

A package that declares an entry point in the group ``cac.bundles`` answers for URIs of that name:
``models:/NAME@ALIAS`` is asked of ``models``. This package knows no registry itself.
"""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

from cac.errors import BundleError

DEFAULT = "default"
"""The name of the bundle that ships."""
SHIPPED = Path(__file__).parent / "default_bundle"
GROUP = "cac.bundles"
# Two letters at least: a single one is a drive.
_URI = re.compile(r"([a-z][a-z0-9+.-]+):/")


def bundle_folder(bundle: Path | str) -> Path:
    """Return the folder of a bundle, fetched where it is named by a URI.

    Raises:
        BundleError: nothing installed answers for the URI, or it has no such bundle.
    """
    if bundle == DEFAULT:
        return SHIPPED
    found = _URI.match(bundle) if isinstance(bundle, str) else None
    if found is None:
        return Path(bundle)
    scheme = found.group(1)
    known = {point.name: point for point in entry_points(group=GROUP)}
    if scheme not in known:
        raise BundleError(
            f"Nothing installed fetches bundles named {scheme}:/... Name a folder, or install this "
            "package with the extra that does: pip install 'cac[train]' for models:/NAME@ALIAS."
        )
    try:
        folder: Path = known[scheme].load()(bundle)
    except ImportError as error:
        raise BundleError(
            f"{scheme}:/... needs {error.name}, which is not installed: pip install 'cac[train]'."
        ) from None
    return folder

"""What all tests of reading need."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # spaCy 3.7 imports a name that click has since moved.
    warnings.simplefilter("ignore", DeprecationWarning)
    import medspacy  # noqa: F401

"""Every error that the library raises on purpose.

    CacError
    ├── InputError            a note or a file that cannot be read
    ├── CodeSetError          a code-set file missing, damaged or of an unknown layout
    │   └── UnknownCodeError  a code that the release does not hold
    ├── BundleError           a bundle damaged, too old, or made for another reader
    ├── CorpusError           a corpus folder that lacks what its card names
    └── SettingsError         an option or configuration value that is not allowed

A message says what was found, what is allowed, and the mend; never the note's text.
"""

from __future__ import annotations


class CacError(Exception):
    """Base of the tree; the command line prints it as one line and exits with 2."""


class InputError(CacError):
    """A note or an input file that cannot be read."""


class CodeSetError(CacError):
    """A code-set file that is missing, damaged or of an unknown layout."""


class UnknownCodeError(CodeSetError):
    """A code that the release does not hold."""


class BundleError(CacError):
    """A bundle that is damaged, too old, or made for another reader."""


class CorpusError(CacError):
    """A corpus folder that lacks what its data card names."""


class SettingsError(CacError):
    """An option or a configuration value that is not allowed."""

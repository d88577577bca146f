"""Computer-assisted coding: clinical notes in, ranked codes with exact evidence out."""

__version__ = "0.1.0"

"""Measurements of what the package promises, one module a subject."""

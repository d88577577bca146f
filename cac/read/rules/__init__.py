"""Rule files: data, one folder for all languages, ``<language>_<kind>.json``."""

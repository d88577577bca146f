"""Finding: words of a note to mentions with candidate codes."""

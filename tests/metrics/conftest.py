"""A loaded machine is slow, not wrong: no deadline for a single example."""

from hypothesis import settings

settings.register_profile("no-deadline", deadline=None, max_examples=60)
settings.load_profile("no-deadline")

"""The review log: a chain of rows, each signed together with the one before."""

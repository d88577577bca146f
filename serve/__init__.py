"""The API for coding teams, the review page, and the review log."""

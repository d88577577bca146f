"""From scores to decisions, fitted on dev notes: calibration, thresholds and bands."""

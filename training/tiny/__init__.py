"""An invented corpus for tests and first steps: short visit notes of patients who never lived."""

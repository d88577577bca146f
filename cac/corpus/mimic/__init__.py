"""MIMIC-III and MIMIC-IV from the files that PhysioNet gives, streamed; splits as published."""

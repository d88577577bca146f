"""X12 837 (005010): the codes of a complete note as a draft of a professional or hospital claim.

A draft says so (ISA15 is T, test data; a claim note too), and marks by placeholders whatever the
program does not know. `pyx12` (extra ``x12``) holds every draft to the implementation guides
X222A1 (837P) and X223A2 (837I).
"""

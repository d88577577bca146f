"""FHIR R4 and R5: documents in, provisional conditions, procedures and a draft claim out.

The resources used here are the same in R4 (4.0.1) and R4B (4.3.0); `fhir.resources` ships R4B, so
R4 is validated by that. SMART on FHIR is out of scope.
"""

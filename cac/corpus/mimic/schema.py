"""The tables of MIMIC that are read, every column in its true order.

MIMIC-III v1.4 writes names in capitals; MIMIC-IV v2.2 and v3.1 have the same columns here. Source:
https://mimic.mit.edu/docs and the headers of the files.
"""

from __future__ import annotations

MIMIC_III = {
    "ADMISSIONS": (
        "ROW_ID SUBJECT_ID HADM_ID ADMITTIME DISCHTIME DEATHTIME ADMISSION_TYPE ADMISSION_LOCATION"
        " DISCHARGE_LOCATION INSURANCE LANGUAGE RELIGION MARITAL_STATUS ETHNICITY EDREGTIME"
        " EDOUTTIME DIAGNOSIS HOSPITAL_EXPIRE_FLAG HAS_CHARTEVENTS_DATA"
    ).split(),
    "PATIENTS": "ROW_ID SUBJECT_ID GENDER DOB DOD DOD_HOSP DOD_SSN EXPIRE_FLAG".split(),
    "DIAGNOSES_ICD": "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE".split(),
    "PROCEDURES_ICD": "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE".split(),
    "CPTEVENTS": (
        "ROW_ID SUBJECT_ID HADM_ID COSTCENTER CHARTDATE CPT_CD CPT_NUMBER CPT_SUFFIX TICKET_ID_SEQ"
        " SECTIONHEADER SUBSECTIONHEADER DESCRIPTION"
    ).split(),
    "NOTEEVENTS": (
        "ROW_ID SUBJECT_ID HADM_ID CHARTDATE CHARTTIME STORETIME CATEGORY DESCRIPTION CGID ISERROR"
        " TEXT"
    ).split(),
    "D_ICD_DIAGNOSES": "ROW_ID ICD9_CODE SHORT_TITLE LONG_TITLE".split(),
    "D_ICD_PROCEDURES": "ROW_ID ICD9_CODE SHORT_TITLE LONG_TITLE".split(),
}

MIMIC_IV = {
    "hosp/admissions": (
        "subject_id hadm_id admittime dischtime deathtime admission_type admit_provider_id"
        " admission_location discharge_location insurance language marital_status race edregtime"
        " edouttime hospital_expire_flag"
    ).split(),
    "hosp/patients": "subject_id gender anchor_age anchor_year anchor_year_group dod".split(),
    "hosp/diagnoses_icd": "subject_id hadm_id seq_num icd_code icd_version".split(),
    "hosp/procedures_icd": "subject_id hadm_id seq_num chartdate icd_code icd_version".split(),
    "hosp/hcpcsevents": "subject_id hadm_id chartdate hcpcs_cd seq_num short_description".split(),
    "hosp/d_icd_diagnoses": "icd_code icd_version long_title".split(),
    "hosp/d_icd_procedures": "icd_code icd_version long_title".split(),
    "note/discharge": (
        "note_id subject_id hadm_id note_type note_seq charttime storetime text"
    ).split(),
}

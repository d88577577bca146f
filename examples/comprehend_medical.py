"""Ask this server as an existing client of Amazon Comprehend Medical: its endpoint is changed.

Usage: CAC_URL=http://localhost:8700 CAC_API_KEY=cac_... python comprehend_medical.py
Needs boto3. The API key stands where the access key stood; the secret key is not looked at.
"""

import os

import boto3

TEXT = "Assessment: CKD stage 3b. Gout of the left foot. No chest pain."

client = boto3.client(
    "comprehendmedical",
    endpoint_url=os.environ["CAC_URL"] + "/comprehendmedical",
    region_name="us-east-1",
    aws_access_key_id=os.environ["CAC_API_KEY"],
    aws_secret_access_key="unused",
)
for entity in client.infer_icd10_cm(Text=TEXT)["Entities"]:
    traits = [trait["Name"] for trait in entity["Traits"]]
    best = entity["ICD10CMConcepts"][0]
    print(entity["BeginOffset"], entity["EndOffset"], entity["Text"], traits, best["Code"])

"""Ask this server as an existing client of Amazon Comprehend Medical: its endpoint is changed.

Usage: CAC_URL=http://localhost:8700 CAC_API_KEY=cac_... python comprehend_medical.py
Needs boto3. The API key (on the server, cac keys add admin --scopes suggest makes one) stands where
the access key stood; the secret key is not looked at.
"""

import os

import boto3

TEXT = "Assessment: CKD stage 3b. Gout of the left foot. No chest pain. Possible pneumonia."

client = boto3.client(
    "comprehendmedical",
    endpoint_url=os.environ.get("CAC_URL", "http://localhost:8700") + "/comprehendmedical",
    region_name="us-east-1",
    aws_access_key_id=os.environ["CAC_API_KEY"],
    aws_secret_access_key="unused",
)
for entity in client.infer_icd10_cm(Text=TEXT)["Entities"]:
    traits = [trait["Name"] for trait in entity["Traits"]]
    best = entity["ICD10CMConcepts"][0]
    print(entity["BeginOffset"], entity["EndOffset"], entity["Text"], traits, best["Code"])

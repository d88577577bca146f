"""Suggest codes for a note, queue it for review, decide, and fetch the decisions.

Usage: CAC_URL=http://localhost:8700 CAC_API_KEY=cac_... python client.py
Needs httpx2 (pip install httpx2). On the server, this makes a key for all of the steps:
cac keys add admin --scopes suggest,notes:read,notes:write,review,export
A coder may do all but the last one (`export`).
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from typing import Any

import httpx2

TEXT = "Assessment: CKD stage 3b. Gout of the left foot. No chest pain."


class RefusedError(Exception):
    """What the server said, as RFC 9457 problem details; never a word of the note."""


class Client:
    """The calls that an integration needs."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx2.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60
        )

    def call(self, method: str, path: str, *, tries: int = 5, **request: Any) -> httpx2.Response:
        """Send a request, again where the server is busy; raise RefusedError where it says no."""
        answer = self._http.request(method, path, **request)
        while answer.status_code in (429, 503) and (tries := tries - 1):
            time.sleep(float(answer.headers.get("Retry-After", 1)))
            answer = self._http.request(method, path, **request)
        if answer.is_error:
            problem = answer.json()
            raise RefusedError(f"{problem['status']} {problem['type']}: {problem['detail']}")
        return answer

    def wait(self, note: str, *, seconds: float = 60) -> None:
        """Return as soon as codes are suggested for a note; raise TimeoutError otherwise."""
        end = time.monotonic() + seconds
        while self.call("GET", f"/v1/notes/{note}/status").json()["status"] == "queued":
            if time.monotonic() > end:
                raise TimeoutError(f"{note} is queued still")
            time.sleep(0.5)


def main() -> None:
    """Walk one note through the server."""
    url = os.environ.get("CAC_URL", "http://localhost:8700")
    client = Client(url, os.environ["CAC_API_KEY"])
    note = {"note_id": f"visit-{uuid.uuid4()}", "text": TEXT, "setting": "outpatient"}

    # Codes at once; nothing is kept. Offsets count code points, as Python's strings do.
    [result] = client.call("POST", "/v1/suggest", json={"notes": [note]}).json()["results"]
    for found in result["suggestions"]:
        quotes = [TEXT[e["start"] : e["end"]] for e in found["evidence"]]
        print("suggested:", found["code"], found["description"], quotes)

    # The note for people to review. Sent again under the same key, it is still one note.
    once = {"Idempotency-Key": str(uuid.uuid4())}
    queued = client.call("POST", "/v1/notes", json=note, headers=once).json()["id"]

    # Wait until it is ready, take it, and decide: what is answered is on disk.
    client.wait(queued)
    client.call("POST", f"/v1/notes/{queued}/claim")
    held = client.call("GET", f"/v1/notes/{queued}").json()
    codes = [{"system": s["system"], "value": s["code"]} for s in held["suggestions"]]
    decisions = [{"kind": "accept", "code": code} for code in codes] + [{"kind": "complete"}]
    sent = {"decisions": decisions, "expected_version": held["state"]["version"]}
    client.call("POST", f"/v1/notes/{queued}/decisions", json=sent)

    # Somebody who decides on what is no longer so is told, and overwrites nothing.
    try:
        client.call("POST", f"/v1/notes/{queued}/decisions", json=sent)
    except RefusedError as refused:
        print("refused:", refused)

    # The decisions, one coded note a line: what `cac corpus` and the training read.
    for line in client.call("GET", "/v1/export/decisions").text.splitlines():
        coded = json.loads(line)
        if coded["note_id"] == note["note_id"]:
            print("decided:", *(code["code"] for code in coded["codes"]))


if __name__ == "__main__":
    try:
        main()
    except RefusedError as refused:
        sys.exit(f"The server refused: {refused}")

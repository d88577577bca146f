"""The API's contract in memory, for the page alone: canned suggestions, a fold of twenty lines."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from serve.page.rendering import STATIC_PATH, render, static_files
from serve.page.review_page import review_values

STATUS = {"accept": "accepted", "reject": "rejected", "replace": "replaced", "add": "added"}


class Fake:
    def __init__(self) -> None:
        self.notes: dict[str, dict[str, Any]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.keys: dict[str, Any] = {}
        self.holder: dict[str, str] = {}
        self.down = False

    def add(self, note_id: str, text: str, suggestions: list[dict[str, Any]], **more: Any) -> None:
        self.notes[note_id] = {
            "id": note_id, "note_id": note_id, "text": text, "setting": "inpatient",
            "sections": [], "suggestions": suggestions, "rejected": [], "versions": [],
            "blinded": False, **more,
        }  # fmt: skip
        self.events[note_id] = []

    def state(self, note_id: str) -> dict[str, Any]:
        done: list[dict[str, Any]] = []
        undone: list[dict[str, Any]] = []
        for event in self.events[note_id]:
            if event["kind"] == "undo" and done:
                undone.append(done.pop())
            elif event["kind"] == "redo" and undone:
                done.append(undone.pop())
            elif event["kind"] not in ("undo", "redo"):
                done.append(event)
                undone = []
        state = fold(self.notes[note_id], done)
        version = len(self.events[note_id])
        return state | {"version": version, "undoable": done, "redoable": undone}


def fold(note: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, Any]:
    codes: dict[tuple[str, str], dict[str, Any]] = {}
    state: dict[str, Any] = {"comments": [], "status": "open", "active_ms": 0}
    order: list[tuple[str, str]] = []
    lead = None

    def key(code: dict[str, Any]) -> tuple[str, str]:
        return (code["system"], code["value"])

    def entry(code: dict[str, Any]) -> dict[str, Any]:
        plain = {"description": "", "status": "suggested", "poa": None, "evidence": []}
        return codes.setdefault(key(code), plain | code)

    for s in note["suggestions"]:
        entry({"system": s["system"], "value": s["code"]})["description"] = s["description"]
    for event in events:
        kind = event["kind"]
        state["active_ms"] += event.get("active_ms", 0)
        if kind in STATUS:
            code = entry(event["code"])
            code.update(status=STATUS[kind], reason=event.get("reason"))
            code["replacement"] = event.get("replacement")
            code["evidence"] = event.get("evidence", code["evidence"])
        if kind == "replace":
            entry(event["replacement"]).update(status="added", replaces=event["code"])
        elif kind == "principal":
            lead = key(event["code"])
        elif kind == "sequence":
            order = [key(code) for code in event["order"]]
        elif kind == "poa":
            entry(event["code"])["poa"] = event["poa"]
        elif kind == "comment":
            state["comments"].append({"code": event.get("code"), "comment": event["comment"]})
        elif kind in ("complete", "reopen"):
            state["status"] = "complete" if kind == "complete" else "open"
    final = [k for k, c in codes.items() if c["status"] in ("accepted", "added")]
    final.sort(key=lambda k: (k != lead, order.index(k) if k in order else len(order)))
    for k, code in codes.items():
        code["principal"] = k == lead and k in final
        code["sequence"] = final.index(k) + 1 if k in final else None
    return state | {"codes": list(codes.values())}


def problem(status: int, detail: str) -> JSONResponse:
    body = {"status": status, "title": "Problem", "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def make_app(fake: Fake) -> FastAPI:
    app = FastAPI()
    app.mount(STATIC_PATH, static_files())

    def user(request: Request) -> str:
        return request.cookies.get("who", "ada")

    @app.get("/review/{note_id}")
    def review(note_id: str, request: Request) -> Response:
        name = user(request)
        who = {"name": name, "role": "coder"}
        return render(
            "review.html", user=who, csrf_token="token", **review_values(note_id, note_id)
        )

    @app.post("/v1/notes/{note_id}/claim")
    def claim(note_id: str, request: Request) -> Response:
        holder = fake.holder.setdefault(note_id, user(request))
        if holder != user(request):
            return problem(409, f"{holder} holds this note.")
        return JSONResponse({})

    @app.get("/v1/notes/{note_id}")
    def note(note_id: str) -> Any:
        if note_id not in fake.notes:
            return problem(404, "There is no such note.")
        held = fake.holder.get(note_id)
        return fake.notes[note_id] | {"state": fake.state(note_id), "claimed_by": held}

    @app.post("/v1/notes/{note_id}/decisions")
    async def decide(note_id: str, request: Request) -> Any:
        if fake.down:
            return problem(503, "Down.")
        if request.headers.get("X-CSRF-Token") != "token":
            return problem(403, "No token.")
        key = request.headers["Idempotency-Key"]
        if key in fake.keys:
            return fake.keys[key]
        body = await request.json()
        if fake.holder.get(note_id) != user(request):
            return problem(409, "Another coder holds the note.")
        if body["expected_version"] != len(fake.events[note_id]):
            return problem(409, "The note has gone on.")
        who = {"by": user(request), "at": "2026-11-02T10:00:00Z"}
        fake.events[note_id] += [event | who for event in body["decisions"]]
        fake.keys[key] = {"state": fake.state(note_id), "version": len(fake.events[note_id])}
        return fake.keys[key]

    @app.get("/v1/notes/{note_id}/history")
    def history(note_id: str) -> Any:
        return {"items": fake.events[note_id]}

    @app.get("/v1/notes/{note_id}/versions/{version}")
    def version(note_id: str, version: str) -> Any:
        return next(v for v in fake.notes[note_id]["all_versions"] if v["model_version"] == version)

    @app.get("/v1/codes/{system}")
    def search(system: str, q: str) -> Any:
        return {"items": [TREE[v] for v in TREE if q.lower() in (v + TREE[v]["title"]).lower()]}

    @app.get("/v1/codes/{system}/{value}")
    def code(system: str, value: str) -> Any:
        entry = TREE[value]
        above = TREE.get(value[:-1].rstrip("."))
        below = [TREE[v] for v in TREE if v[:-1].rstrip(".") == value]
        beside = [TREE[v] for v in TREE if v[:-1] == value[:-1] and v != value]
        return entry | {
            "parents": [above] if above else [], "children": below, "siblings": beside,
            "notes": {"excludes1": ["gestational hypertension (O13.-)"]},
        }  # fmt: skip

    return app


TREE = {
    value: {"code": value, "title": title, "billable": billable}
    for value, title, billable in [
        ("I50", "Heart failure", False),
        ("I50.2", "Systolic (congestive) heart failure", False),
        ("I50.20", "Unspecified systolic (congestive) heart failure", True),
        ("I50.21", "Acute systolic (congestive) heart failure", True),
        ("I50.22", "Chronic systolic (congestive) heart failure", True),
        ("I50.23", "Acute on chronic systolic (congestive) heart failure", True),
        ("I10", "Essential (primary) hypertension", True),
        ("R05", "Cough", False),
        ("R05.1", "Acute cough", True),
    ]
}

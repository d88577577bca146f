"""The bundle as MLflow serves it: this file is kept beside the bundle, and run to load it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from cac.note import Note, Setting
from cac.outputs.records import evidence_records
from cac.suggester import Suggester

if TYPE_CHECKING:
    import pandas as pd

    from cac.coding import CodingResult

_COLUMNS = ("note_id", "system", "code", "description", "probability", "rank", "evidence")


class ServedSuggester(PythonModel):
    """Notes in, one row a suggestion out; evidence by offsets into the note that was sent."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the bundle through the door that evaluation uses."""
        self._suggester = Suggester.load(Path(context.artifacts["bundle"]))

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - MLflow's signature.
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002 - MLflow's signature.
    ) -> pd.DataFrame:
        """Suggest codes for each row."""
        import pandas as pd

        results = (self._suggester.suggest(_note(row)) for row in model_input.to_dict("records"))
        rows = [row for result in results for row in _rows(result)]
        return pd.DataFrame(rows, columns=list(_COLUMNS))


def _note(row: dict[str, Any]) -> Note:
    known = {key: value for key, value in row.items() if isinstance(value, str) and value}
    day, setting = known.get("service_date"), known.get("setting")
    return Note(
        known["note_id"],
        known.get("text", ""),
        note_type=known.get("note_type", ""),
        language=known.get("language", "en"),
        setting=Setting(setting) if setting else None,
        service_date=date.fromisoformat(day) if day else None,
    )


def _rows(result: CodingResult) -> list[dict[str, Any]]:
    return [
        {
            "note_id": result.note_id,
            "system": s.code.system.value,
            "code": s.code.value,
            "description": s.description,
            "probability": s.probability,
            "rank": s.rank,
            "evidence": evidence_records(s, with_text=False),
        }
        for s in result.suggestions
    ]


set_model(ServedSuggester())

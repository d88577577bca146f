"""Runs, models and aliases in MLflow 3: the only module that knows it.

The server is ``MLFLOW_TRACKING_URI``, else a SQLite file below ``out/mlflow``. What goes in are
parameters, figures, files made by this package, and the bundle; never a note's text.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.types.schema import Array, ColSpec, DataType, Object, Property, Schema, TensorSpec

import cac
from cac.errors import BundleError, SettingsError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Plot

    from training.prepared import Prepared

CANDIDATE, PRODUCTION = "candidate", "production"
_HOME = Path("out") / "mlflow"
_ARTIFACT = "bundle"
_N_PARAMS_A_CALL = 100
_DIGEST_LENGTH = 36  # MLflow takes no longer one.
_SERVED = Path(__file__).with_name("served_model.py")


class Run:
    """An open run: what a stage may write to it."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id

    def parameters(self, values: Mapping[str, str]) -> None:
        """Write parameters; written again, they must have the same values."""
        items = iter(values.items())
        while chunk := dict(islice(items, _N_PARAMS_A_CALL)):
            mlflow.log_params(chunk)

    def tags(self, values: Mapping[str, str]) -> None:
        """Write or replace tags."""
        mlflow.set_tags(dict(values))

    def figures(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Write figures, those that are not defined left out; ``step`` is an epoch."""
        defined = {name: value for name, value in values.items() if math.isfinite(value)}
        mlflow.log_metrics(defined, step=step)

    def dataset(self, prepared: Prepared, role: str) -> None:
        """Write which notes the run saw: a digest and counts, never the notes."""
        source = CodeDatasetSource({"mlflow.source.name": f"training.prepare {prepared.corpus}"})
        digest = prepared.splits[role].digest[:_DIGEST_LENGTH]
        name = f"{prepared.corpus}-{role}"
        # MLflow declares an abstract property of it that it never needs.
        dataset = MetaDataset(source, name=name, digest=digest)  # type: ignore[abstract]
        mlflow.log_input(dataset, context=role)

    def file(self, path: Path, folder: str | None = None) -> None:
        """Keep a file that this package made."""
        mlflow.log_artifact(str(path), folder)

    def plot(self, plot: Plot, name: str) -> None:
        """Keep a plot as ``plots/NAME.png``."""
        mlflow.log_figure(plot, f"plots/{name}.png")

    def model(self, bundle: Path) -> str:
        """Keep a bundle as a pyfunc model from code, with its signature; return its URI."""
        logged = mlflow.pyfunc.log_model(
            name=_ARTIFACT,
            python_model=str(_SERVED),
            artifacts={_ARTIFACT: str(bundle)},
            signature=signature(),
            pip_requirements=[f"cac=={cac.__version__}"],
        )
        return str(logged.model_uri)


def tracking_uri() -> str:
    """Return the server's URI: ``MLFLOW_TRACKING_URI``, else a SQLite file below ``out/``."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_HOME.resolve()}/mlflow.db"


@contextmanager
def open_run(
    experiment: str,
    *,
    name: str | None = None,
    run_id: str | None = None,
    parent: str | None = None,
) -> Iterator[Run]:
    """Open a new run, or go on with one.

    Args:
        experiment: created where it does not exist.
        name: of a new run.
        run_id: a run to go on with; a new one is opened where the server does not know it.
        parent: the run below which a new one is nested.
    """
    client = _connect()
    if run_id is not None and not _is_known(client, run_id):
        run_id = None
    if mlflow.get_experiment_by_name(experiment) is None:
        own = not os.environ.get("MLFLOW_TRACKING_URI")
        location = (_HOME / "artifacts").resolve().as_uri() if own else None
        mlflow.create_experiment(experiment, artifact_location=location)
    mlflow.set_experiment(experiment)
    nested = parent is not None
    with mlflow.start_run(run_id=run_id, run_name=name, parent_run_id=parent, nested=nested) as run:
        yield Run(run.info.run_id)


def register_candidate(name: str, model_uri: str, tags: Mapping[str, str], card: str) -> int:
    """Make a version of a logged model, under the alias ``candidate``; return its number."""
    client = _connect()
    version = mlflow.register_model(model_uri, name, tags=dict(tags))
    client.update_model_version(name, version.version, description=card)
    client.set_registered_model_alias(name, CANDIDATE, version.version)
    return int(version.version)


def promote(name: str) -> int:
    """Move ``production`` to the version that is the candidate; return its number.

    Raises:
        SettingsError: there is no candidate.
    """
    client = _connect()
    version = _version(name, CANDIDATE)
    if version is None:
        raise SettingsError(f"{name} has no candidate. Run `python -m training.register` first.")
    client.set_registered_model_alias(name, PRODUCTION, str(version))
    return version


def production_standing(name: str, role: str) -> tuple[dict[str, float], str] | None:
    """Return the figures of the production model, and the digest of the notes measured on.

    None where nothing is in production. Figures are those written as ``ROLE/KEY``.
    """
    client = _connect()
    version = _version(name, PRODUCTION)
    run_id = client.get_model_version(name, str(version)).run_id if version else None
    if not run_id:
        return None
    run = client.get_run(run_id)
    figures = {
        key.removeprefix(f"{role}/"): value
        for key, value in run.data.metrics.items()
        if key.startswith(f"{role}/")
    }
    inputs = run.inputs.dataset_inputs if run.inputs else []
    digests = [i.dataset.digest for i in inputs if any(t.value == role for t in i.tags)]
    return figures, digests[-1] if digests else "none"


def run_texts(run_id: str) -> dict[str, str]:
    """Return what a run says in words: its parameters and tags, by name.

    Raises:
        BundleError: the server does not know the run.
    """
    client = _connect()
    if not _is_known(client, run_id):
        raise BundleError(
            f"MLflow knows no run {run_id}, which trained the bundle. Set MLFLOW_TRACKING_URI to "
            "its server, or train again."
        )
    data = client.get_run(run_id).data
    return {f"MLflow {name}": str(text) for name, text in {**data.params, **data.tags}.items()}


def bundle_folder(uri: str) -> Path:
    """Return the bundle behind ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``, fetched.

    Raises:
        BundleError: the registry has no such model.
    """
    _connect()
    try:
        folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
        artifacts = Model.load(str(folder)).flavors["python_function"]["artifacts"]
    except (MlflowException, KeyError):
        raise BundleError(
            f"The registry at {tracking_uri().split('@')[-1]} has no bundle {uri!r}. Register one "
            "with `python -m training.register`, or set MLFLOW_TRACKING_URI."
        ) from None
    return folder / str(artifacts[_ARTIFACT]["path"])


def signature() -> ModelSignature:
    """Return what a served bundle takes (a note a row) and gives (a suggestion a row)."""
    text, whole, real = DataType.string, DataType.long, DataType.double
    optional = ("note_type", "language", "setting", "service_date")
    evidence = Object(
        [
            Property("start", whole),
            Property("end", whole),
            Property("section", text),
            Property("assertion", text),
            Property("weight", real),
        ]
    )
    given: list[ColSpec | TensorSpec] = [ColSpec(text, "note_id"), ColSpec(text, "text")]
    answered: list[ColSpec | TensorSpec] = [
        *(ColSpec(text, name) for name in ("note_id", "system", "code", "description")),
        ColSpec(real, "probability"),
        ColSpec(whole, "rank"),
        ColSpec(Array(evidence), "evidence"),
    ]
    return ModelSignature(
        Schema([*given, *(ColSpec(text, name, required=False) for name in optional)]),
        Schema(answered),
    )


def _connect() -> mlflow.MlflowClient:
    uri = tracking_uri()
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        _HOME.mkdir(parents=True, exist_ok=True)
    named = "MLFLOW_TRACKING_URI" in os.environ
    mlflow.set_tracking_uri(uri)
    if not named:
        # MLflow writes its own default there; it is not what the user named.
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    return mlflow.MlflowClient()


def _is_known(client: mlflow.MlflowClient, run_id: str) -> bool:
    try:
        client.get_run(run_id)
    except MlflowException:
        return False
    return True


def _version(name: str, alias: str) -> int | None:
    try:
        return int(_connect().get_model_version_by_alias(name, alias).version)
    except MlflowException:
        return None

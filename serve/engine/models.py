"""Which model answers: loaded and warmed beside the one in use, then exchanged; and back."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cac.errors import BundleError, CacError
from cac.suggester import Suggester
from serve.engine.errors import NotReadyError
from serve.engine.question import Suggests, SuggestsMany, warm_up_questions
from serve.errors import ConflictError

Load = Callable[[str | None], Suggests]
_SOON_S = 1.0  # What is warm so soon has no lexicon of its own.
_LOG = logging.getLogger("cac.serve.models")


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is loaded and warm; ``bundle`` is how it was named, empty for what ships."""

    suggester: Suggests
    bundle: str
    seconds_to_warm: float

    @property
    def version(self) -> str:
        """What its answers name."""
        return self.suggester.model_version

    @property
    def batch_size(self) -> int:
        """How many notes it likes together."""
        return self.suggester.batch_size if isinstance(self.suggester, SuggestsMany) else 1


def warmed(load: Load, bundle: str) -> Model:
    """Load a bundle and let it answer once.

    Raises:
        CacError: the bundle cannot be loaded, or answers in none of the languages.
    """
    start = time.monotonic()
    suggester = load(bundle or None)
    failure: BundleError | None = None
    for question in warm_up_questions():
        try:
            question.ask(suggester)
        except BundleError as error:
            # Made for another language: the next note is in that.
            failure = error
        else:
            return Model(suggester, bundle, time.monotonic() - start)
    raise failure or BundleError("There is no note to warm a model with.")


class Models:
    """The model in use, the one before it, and one in its shadow; safe for several threads."""

    def __init__(self, load: Load = Suggester.load) -> None:
        self._load = load
        self._changing = threading.Lock()
        self._current: Model | None = None
        self._previous: Model | None = None
        self._shadow: Model | None = None
        self.why_not_ready = "No model has been loaded yet."

    @property
    def current(self) -> Model:
        """The model in use; raises NotReadyError where there is none."""
        if self._current is None:
            raise NotReadyError(self.why_not_ready, retry_after_s=5)
        return self._current

    @property
    def previous(self) -> Model | None:
        """What was in use before the last change."""
        return self._previous

    @property
    def shadow(self) -> Model | None:
        """What answers beside the model in use, unseen."""
        return self._shadow

    def change(self, bundle: str) -> Model:
        """Load and warm a bundle, then exchange; what is in use stays so where that fails.

        Raises:
            CacError: the bundle cannot be loaded.
            ConflictError: another change is under way.
        """
        with self._one_change():
            model = self._warmed(bundle)
            self._previous, self._current = self._current, model
            return model

    def roll_back(self) -> Model:
        """Exchange the model in use and the one before it.

        Raises:
            ConflictError: there is none, or a change is under way.
        """
        with self._one_change():
            earlier = self._previous
            if earlier is None:
                raise ConflictError("There is no earlier model to go back to.")
            self._previous, self._current = self._current, earlier
            return earlier

    def change_shadow(self, bundle: str) -> Model:
        """Load and warm a bundle that is to answer beside the model in use; as `change`."""
        with self._one_change():
            self._shadow = self._warmed(bundle)
            return self._shadow

    def end_shadow(self) -> None:
        """Leave the model in use alone."""
        self._shadow = None

    def start(self, bundle: str) -> threading.Thread:
        """Load the first model in a thread of its own; `why_not_ready` tells how it went."""
        thread = threading.Thread(target=self._start, args=(bundle,), name="cac-model", daemon=True)
        self.why_not_ready = "The model is loading."
        thread.start()
        return thread

    def _start(self, bundle: str) -> None:
        try:
            self.change(bundle)
        except Exception as error:
            # Whatever it is, the server stays up to say so; the words of others are not repeated.
            why = str(error) if isinstance(error, CacError) else type(error).__name__
            self.why_not_ready = f"The model could not be loaded: {why}"
            _LOG.error("model not loaded", extra={"fields": {"error": type(error).__name__}})

    def _warmed(self, bundle: str) -> Model:
        gc.unfreeze()  # What goes with the model before the last may be collected again.
        model = warmed(self._load, bundle)
        if model.seconds_to_warm > _SOON_S:
            gc.collect()
            gc.freeze()  # A lexicon has millions of objects: searching them halts every thread.
        _LOG.info(
            "model warm",
            extra={"fields": {"model": model.version, "seconds": round(model.seconds_to_warm, 2)}},
        )
        return model

    def _one_change(self) -> _OneChange:
        return _OneChange(self._changing)


class _OneChange:
    """Holds the lock for as long as a change takes, and refuses a second one at once."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise ConflictError("A change of model is under way. Wait for it, then ask again.")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def use_threads(n_threads: int) -> None:
    """Let torch use so many cores in this thread; where nothing has imported torch, do nothing."""
    torch = sys.modules.get("torch")
    if torch is not None and n_threads:
        torch.set_num_threads(n_threads)

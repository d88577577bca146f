"""Changes of model by an administrator: asked for, made, logged, and kept for the next start."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from cac.errors import CacError
from serve.engine.attempts import Attempts, Place, State
from serve.engine.bundle_names import BundleNames
from serve.engine.errors import NotReadyError
from serve.engine.models import Model, Models
from serve.errors import ConflictError, StoreUnavailableError
from serve.settings import Settings
from serve.store import Store, Unit
from serve.store.site import InForce, Name, forget_setting, in_force, store_setting

_LOOK_AGAIN_S = 0.2
_UNDER_WAY = "A change of model is under way. Wait for it, then ask again."
_LOG = logging.getLogger("cac.serve.models")
_SETTING = {Place.CURRENT: Name.BUNDLE, Place.SHADOW: Name.SHADOW}


class Changes:
    """What changes the models of a server, by whichever door it is asked."""

    def __init__(self, models: Models, store: Store, settings: Settings) -> None:
        self.models = models
        self.names = BundleNames(settings.bundles, settings.bundle)
        self.attempts = Attempts()
        self._store = store
        self._settings = settings
        self._stopping = threading.Event()

    def first_bundle(self) -> str:
        """Return what the server starts with: what was stored last, else what CAC_BUNDLE says."""
        force = self._in_force(Name.BUNDLE)
        return self.names.path(force.value) if force.is_stored else self.names.start

    def resume_shadow(self) -> None:
        """Load the shadow of before the restart, once there is a model to be the shadow of."""
        force = self._in_force(Name.SHADOW)
        if force.value is not None:
            self._in_thread(lambda: self._resume(force))

    def stop(self) -> None:
        """Wait for no model any longer."""
        self._stopping.set()

    def change(self, place: Place, bundle: str, *, by: str) -> Model:
        """Load a bundle and let it answer, or shadow what does; after a restart too.

        Raises:
            DecisionError: there is no such bundle to change to.
            ConflictError: another change is under way.
            CacError: it cannot be loaded; what is in use stays so.
        """
        return self._load(place, self.names.require(bundle), bundle, by)

    def begin(self, place: Place, bundle: str | None, *, by: str) -> None:
        """Do the same in a thread of its own; ``attempts`` tells how it goes.

        Args:
            place: What for.
            bundle: Its name; None: what CAC_BUNDLE says, after a restart too.
            by: Who asks.

        Raises:
            DecisionError: there is no such bundle to change to.
            ConflictError: another change is under way.
        """
        path = self.names.start if bundle is None else self.names.require(bundle)
        if self.attempts.is_loading:
            raise ConflictError(_UNDER_WAY)
        self._in_thread(lambda: self._load(place, path, bundle, by))

    def roll_back(self, *, by: str) -> Model:
        """Exchange the model in use and the one before; raises ConflictError without one."""
        before = self.current
        model = self.models.roll_back()
        name = self.names.name(model.bundle)
        self._keep(Place.CURRENT, "model.rolled_back", name, model, before, by)
        return model

    def end_shadow(self, *, by: str) -> None:
        """Leave the model in use alone; the agreement stays."""

        def work(unit: Unit) -> None:
            unit.log("model.shadow_ended", by, before=_version(self.models.shadow))
            forget_setting(unit, Name.SHADOW, by=by)

        self._store.write(work)
        self.models.end_shadow()

    @property
    def current(self) -> Model | None:
        """The model in use; None while there is none."""
        try:
            return self.models.current
        except NotReadyError:
            return None

    def _load(self, place: Place, path: str, name: str | None, by: str) -> Model:
        shown = path if name is None else name
        attempt = self.attempts.begin(place, shown, by=by, at=self._store.clock())
        asked = {"place": place.value, "bundle": shown}
        try:
            self._store.write(lambda unit: unit.log("model.asked", by, **asked))
            model = self._made(place, path, name, by)
        except Exception as error:
            kind = type(error).__name__
            with suppress(StoreUnavailableError):
                self._store.write(lambda unit: unit.log("model.failed", by, error=kind, **asked))
            self.attempts.finish(attempt, State.FAILED, _why(error))
            raise
        self.attempts.finish(attempt, State.READY)
        return model

    def _made(self, place: Place, path: str, name: str | None, by: str) -> Model:
        if place is Place.SHADOW:
            before = self.models.shadow
            model = self.models.change_shadow(path)
            self._keep(place, "model.shadow", name, model, before, by)
        else:
            before = self.current
            model = self.models.change(path)
            self._keep(place, "model.changed", name, model, before, by)
        return model

    def _keep(
        self, place: Place, kind: str, name: str | None, model: Model, before: Model | None, by: str
    ) -> None:
        """Log what was changed, and let the next start begin with it; else take it back."""

        def work(unit: Unit) -> None:
            unit.log(kind, by, model_version=model.version, before=_version(before))
            if name is None:
                forget_setting(unit, _SETTING[place], by=by)
            else:
                store_setting(unit, _SETTING[place], name, by=by)

        try:
            self._store.write(work)
        except StoreUnavailableError:
            if place is Place.SHADOW:
                self.models.end_shadow()
            elif before is not None:
                self.models.roll_back()
            raise

    def _in_force(self, name: Name) -> InForce:
        with self._store.read() as session:
            return in_force(session, self._settings, name)

    def _resume(self, force: InForce) -> None:
        while self.current is None:
            if self._stopping.wait(_LOOK_AGAIN_S):
                return
        self._load(Place.SHADOW, self.names.path(force.value), force.value, force.changed_by)

    def _in_thread(self, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                work()
            except Exception as error:
                # Told among the attempts.
                _LOG.error("model not changed", extra={"fields": {"error": type(error).__name__}})

        threading.Thread(target=run, name="cac-change", daemon=True).start()


def _version(model: Model | None) -> str | None:
    return model.version if model else None


def _why(error: Exception) -> str:
    """Return what to tell: whatever is no error of ours may repeat words of others."""
    return str(error) if isinstance(error, CacError) else type(error).__name__

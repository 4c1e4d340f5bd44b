"""Runs requests: loads the models that they name, and sees that each ends well or says why not."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import diffusers
import transformers

from studio.core.errors import EngineError, ModelError
from studio.core.picture import Picture
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.estimators import Estimators
from studio.engine.diffusion.adapters.outfit import outfit_of, with_autoencoder
from studio.engine.diffusion.bases.family import Unsound
from studio.engine.diffusion.device.ladder import Ladder, Trouble
from studio.engine.diffusion.device.machine import (
    Machine,
    find_machine,
    free_unused,
    is_out_of_memory,
    memory_held,
)
from studio.engine.diffusion.families import load_family
from studio.engine.diffusion.job import Job
from studio.engine.diffusion.loading.weights import verify
from studio.engine.diffusion.shelf import Loaded, Shelf
from studio.engine.diffusion.upscalers.enlarging import Upscalers, enlarge
from studio.engine.diffusion.upscalers.upscaler import Upscaler
from studio.engine.protocol import EngineStatus, Phase
from studio.engine.tuning import Tuning
from studio.generation.catalog import Catalog, ModelInfo
from studio.generation.enlarging import find_upscaler, own_upscaler
from studio.generation.memory import MemoryPlan, Rung
from studio.generation.request import Attachments, Generation, Ranking, Request, Upscale
from studio.generation.vocabulary import read_vocabulary

_log = logging.getLogger(__name__)


class Runner:
    """Runs requests one by one on this machine; models stay loaded for as long as they fit.

    Args:
        read_catalog: reads the list of models anew, so that one installed meanwhile is found.
        spare_cores: cores' worth of threads that are left to others.
        read_tuning: reads what the person wants otherwise than the machine suggests; read anew
            each time that all memory is given back.

    Raises:
        EngineError: if that cannot be read.
    """

    def __init__(
        self,
        read_catalog: Callable[[], Catalog],
        spare_cores: int,
        read_tuning: Callable[[], Tuning] = Tuning,
    ) -> None:
        for library in (diffusers, transformers):
            library.utils.logging.set_verbosity_error()
            library.utils.logging.disable_progress_bar()
        self._read_catalog = read_catalog
        self._read_tuning = read_tuning
        self._machine: Machine = replace(find_machine(spare_cores), tuning=read_tuning())
        self._ladder = Ladder(self._machine)
        self._shelf = Shelf()
        self._upscalers = Upscalers(self._machine)

    def status(self) -> EngineStatus:
        """The device and its memory, the model used last, and how it is fitted in."""
        loaded = self._shelf.last
        return EngineStatus(
            device=self._machine.title,
            on_processor=self._machine.device.type == "cpu",
            model=loaded.model.id if loaded else "",
            memory=memory_held(self._machine),
            plan=loaded.plan if loaded else None,
            budget=self._machine.budget(),
        )

    def preload(self, model_id: str, desk: Desk) -> None:
        """Loads a model; the default one where the id is empty.

        Raises:
            KnownError: if it is unknown, missing or damaged, or does not fit into the memory.
            JobStopped: if the desk says so.
        """
        desk.phase(Phase.LOADING)
        catalog = self._read_catalog()
        model = catalog.get(model_id) if model_id else catalog.default
        self._run_with_retries(model, desk)

    def unload(self) -> None:
        """Gives back the memory of every model; the next request loads its own again.

        Models begin anew on their plan's rung, by what the person wants now.
        """
        self._shelf.clear()
        self._upscalers.clear()
        self._release()
        try:
            self._machine = replace(self._machine, tuning=self._read_tuning())
        except EngineError as error:
            _log.warning("%s", error.message)
        self._ladder = Ladder(self._machine)

    def run(self, request: Request, attachments: Attachments, desk: Desk) -> str:
        """Runs a request; its results are events on the desk.

        Where the memory runs out, or a precision gives no picture, it goes on by itself in a more
        sparing or safer way for as long as there is one, and tells so by a note.

        Returns:
            A digest that names the model's weights by content.

        Raises:
            KnownError: if it cannot be run as it is, or with this memory.
            JobStopped: if the desk says so.
        """
        if isinstance(request, Upscale):
            return self._enlarge(request, attachments[request.source], desk)
        model = with_autoencoder(request, self._model_for(request), self._read_catalog)
        outfit = outfit_of(request, model, self._read_catalog)
        job = Job(request, attachments, outfit, desk, self._upscaler_for(request))
        return self._run_with_retries(model, desk, job).digest

    def _enlarge(self, request: Upscale, source: Picture, desk: Desk) -> str:
        """Enlarges a picture; where even small tiles do not fit in, without any model beside it."""
        desk.phase(Phase.LOADING)
        chosen = find_upscaler(self._read_catalog(), request.model)
        digest = verify(chosen, desk.loading)
        while True:
            try:
                enlarge(request, source, self._upscalers.get(chosen), desk)
                return digest
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                traceback.clear_frames(error.__traceback__)
            if not len(self._shelf):
                raise EngineError(
                    f"There is not enough memory to enlarge to {request.extent}: close other "
                    "programs, or enlarge by less."
                )
            self.unload()

    def _upscaler_for(self, request: Generation | Ranking) -> Upscaler | None:
        """The one that a request names instead of the model's own."""
        if isinstance(request, Ranking) or request.upscaler in ("", request.model):
            return None
        return self._upscalers.get(find_upscaler(self._read_catalog(), request.upscaler))

    def _model_for(self, request: Generation | Ranking) -> ModelInfo:
        last = self._shelf.last
        known = last is not None and last.model.id == request.model
        model = last.model if last and known else self._read_catalog().get(request.model)
        task = "ranking" if isinstance(request, Ranking) else type(request).__struct_config__.tag
        if task != "ranking" and task not in model.tasks:
            raise ModelError(
                f"{model.title} cannot do this ({str(task).replace('_', ' ')}): "
                "choose another model."
            )
        return model

    def _run_with_retries(self, model: ModelInfo, desk: Desk, job: Job | None = None) -> Loaded:
        """Loads a model and does a job with it, anew and more sparingly or safely if that fails."""
        self._ladder.expect(model, job.beside if job else ())
        while (trouble := self._attempt(model, desk, job)) is not None:
            is_crowded = trouble is not Trouble.UNSOUND and self._shelf.drop_others(model)
            if not is_crowded:
                together = job.together if job else 0
                desk.note(self._ladder.give_way(model, trouble, together))
            if settled := self._ladder.settled(model):
                self._shelf.drop_unfit(model, settled)
            self._release()
        loaded = self._shelf.take(model)
        assert loaded is not None
        return loaded

    def _attempt(self, model: ModelInfo, desk: Desk, job: Job | None) -> Trouble | None:
        """Loads a model and works with it; tells what went wrong where that may be helped.

        The error is left behind with all that it holds on to: the frames' variables are most of
        the memory that is to be found again.
        """
        trouble = Trouble.LOADING
        try:
            loaded = self._loaded(model, desk)
            trouble = Trouble.WORKING
            if job is not None:
                job.run(loaded)
        except Unsound:
            return Trouble.UNSOUND
        except (RuntimeError, MemoryError, OSError) as error:
            if not is_out_of_memory(error):
                raise
            _log.warning("%s: out of memory: %s", model.id, error)
            traceback.clear_frames(error.__traceback__)
            return trouble
        return None

    def _loaded(self, model: ModelInfo, desk: Desk) -> Loaded:
        """The model as it is to be run now, loaded where it is not."""
        loaded, settled = self._resident(model), self._ladder.settled(model)
        if loaded is None:
            desk.phase(Phase.LOADING)
            loaded = self._load(model, desk)
            if settled is None and loaded.plan.rung is not Rung.FULL:
                desk.note(f"{model.title}: {loaded.plan.line}.")
        elif settled and not settled.follows(loaded.plan):
            loaded = replace(loaded, plan=self._ladder.plan(model))
        loaded.family.tiled = loaded.plan.rung.is_tiled
        self._shelf.put(loaded)
        return loaded

    def _resident(self, model: ModelInfo) -> Loaded | None:
        """A model with room for what is to work beside it; None where it has to be loaded for that.

        Other models are let go for it first.
        """
        loaded = self._shelf.take(model)
        if loaded is None:
            return None
        rung, beside = loaded.plan.rung, loaded.beside
        has_room = self._ladder.has_room(model, rung, beside)
        if not has_room and self._shelf.drop_others(model):
            self._release()
            has_room = self._ladder.has_room(model, rung, beside)
        if has_room:
            return replace(loaded, beside=beside | self._ladder.expected(model))
        self._shelf.drop(model)
        del loaded
        self._release()
        return None

    def _load(self, model: ModelInfo, desk: Desk) -> Loaded:
        """Loads a model; checksums are computed beside it, and tell how far the disk is read."""
        plan = self._make_room(model)
        machine = self._ladder.machine_for(model, plan)
        with ThreadPoolExecutor(1) as aside:
            digest = aside.submit(verify, model, desk.loading)
            try:
                family = load_family(model, machine)
                upscaler = _load_upscaler(model, machine)
            except ModelError:
                digest.result()
                raise
        vocabulary = read_vocabulary(model.vocabulary) if model.vocabulary else None
        _log.info("loaded %s on %s: %s", model.id, machine.title, plan.line)
        return Loaded(
            model,
            family,
            machine,
            plan,
            digest.result(),
            vocabulary,
            upscaler,
            Estimators(machine),
            self._ladder.expected(model),
        )

    def _make_room(self, model: ModelInfo) -> MemoryPlan:
        """Lets models go, those not used for the longest first, until this one fits well."""
        plan = self._ladder.plan(model)
        while len(self._shelf) and not self._ladder.is_content(model, plan):
            self._shelf.drop_oldest()
            self._release()
            plan = self._ladder.plan(model)
        return plan

    def _release(self) -> None:
        gc.collect()
        free_unused(self._machine)


def _load_upscaler(model: ModelInfo, machine: Machine) -> Upscaler | None:
    own = own_upscaler(model)
    return Upscaler.of_model(own.part.path, machine) if own else None

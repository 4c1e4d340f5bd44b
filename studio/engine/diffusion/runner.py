"""Runs requests: loads the model that they name, and sees that each ends well or says why not."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import diffusers
import transformers

from studio.core.errors import EngineError, ModelError
from studio.engine.desk import Desk
from studio.engine.diffusion.families import load_family
from studio.engine.diffusion.family import Family
from studio.engine.diffusion.machine import (
    Machine,
    find_machine,
    free_unused,
    is_out_of_memory,
    memory_held,
)
from studio.engine.diffusion.painter import Painter
from studio.engine.diffusion.upscale import Upscaler
from studio.engine.diffusion.weights import verify
from studio.engine.protocol import EngineStatus, Phase
from studio.generation.catalog import Catalog, ModelInfo
from studio.generation.request import Attachments, Generation, Ranking, Request, Variation
from studio.generation.vocabulary import Vocabulary, read_vocabulary

UPSCALER: Final = "upscaler"
"""The role of the part that has a model's upsamplers."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Loaded:
    """A model in memory.

    Attributes:
        model: from the catalog.
        family: the adapter that holds its weights.
        digest: names the weights by content.
        vocabulary: the words that it knows; None where it knows many.
        upscaler: takes its pictures to large sizes; None where it has none of its own.
    """

    model: ModelInfo
    family: Family
    digest: str
    vocabulary: Vocabulary | None
    upscaler: Upscaler | None


class Runner:
    """Runs requests one by one on this machine; the last model stays loaded.

    Args:
        read_catalog: reads the list of models anew, so that one installed meanwhile is found.
        spare_cores: cores' worth of threads that are left to others.
    """

    def __init__(self, read_catalog: Callable[[], Catalog], spare_cores: int) -> None:
        for library in (diffusers, transformers):
            library.utils.logging.set_verbosity_error()
            library.utils.logging.disable_progress_bar()
        self._read_catalog = read_catalog
        self._machine: Machine = find_machine(spare_cores)
        self._loaded: _Loaded | None = None

    def status(self) -> EngineStatus:
        """The device, the model in memory, and what it takes."""
        return EngineStatus(
            device=self._machine.title,
            model=self._loaded.model.id if self._loaded else "",
            memory=memory_held(self._machine),
        )

    def preload(self, model_id: str, desk: Desk) -> None:
        """Loads a model; the default one where the id is empty.

        Raises:
            ModelError: if it is unknown, missing or damaged.
            JobStopped: if the desk says so.
        """
        desk.phase(Phase.LOADING)
        catalog = self._read_catalog()
        self._load(catalog.get(model_id) if model_id else catalog.default)

    def unload(self) -> None:
        """Gives back the memory of every model; the next request loads its own again."""
        self._loaded = None
        gc.collect()
        free_unused(self._machine)

    def run(self, request: Request, attachments: Attachments, desk: Desk) -> str:
        """Runs a request; its results are events on the desk.

        Returns:
            A digest that names the model's weights by content.

        Raises:
            KnownError: if it cannot be run as it is, or with this memory.
            JobStopped: if the desk says so.
        """
        loaded = self._model_for(request, desk)
        painter = Painter(loaded.model, loaded.family, desk, attachments, loaded.upscaler)
        try:
            if isinstance(request, Ranking):
                painter.rank(request)
            else:
                if not isinstance(request, Variation):
                    _note_unread_words(request, loaded, desk)
                painter.paint(request)
        except (RuntimeError, MemoryError) as error:
            if isinstance(error, RuntimeError) and not is_out_of_memory(error):
                raise
            _log.warning("out of memory: %s", error)
        else:
            return loaded.digest
        gc.collect()
        free_unused(self._machine)
        raise EngineError(
            "There is not enough memory for this: close other programs, or ask for a smaller "
            "picture."
        )

    def _model_for(self, request: Request, desk: Desk) -> _Loaded:
        if self._loaded is None or self._loaded.model.id != request.model:
            desk.phase(Phase.LOADING)
            self._load(self._read_catalog().get(request.model))
        assert self._loaded is not None
        model = self._loaded.model
        task = "ranking" if isinstance(request, Ranking) else type(request).__struct_config__.tag
        if task != "ranking" and task not in model.tasks:
            raise ModelError(
                f"{model.title} cannot do this ({str(task).replace('_', ' ')}): "
                "choose another model."
            )
        return self._loaded

    def _load(self, model: ModelInfo) -> None:
        """Puts a model in the place of the present one; checksums are computed beside it."""
        if self._loaded is not None and self._loaded.model.id == model.id:
            return
        self.unload()
        with ThreadPoolExecutor(1) as aside:
            digest = aside.submit(verify, model)
            try:
                family = load_family(model, self._machine)
                upscaler = _load_upscaler(model, self._machine)
            except ModelError:
                digest.result()
                raise
        vocabulary = read_vocabulary(model.vocabulary) if model.vocabulary else None
        self._loaded = _Loaded(model, family, digest.result(), vocabulary, upscaler)
        _log.info("loaded %s on %s", model.id, self._machine.title)


def _load_upscaler(model: ModelInfo, machine: Machine) -> Upscaler | None:
    for part in model.parts:
        if part.role == UPSCALER:
            return Upscaler(part.path, machine)
    return None


def _note_unread_words(request: Generation, loaded: _Loaded, desk: Desk) -> None:
    """Tells which words do nothing: those too many, and all where the model knows none."""
    for name, text in (
        ("prompt", request.prompt),
        ("negative prompt", request.negative_prompt),
    ):
        unread = loaded.family.unread(text).split()
        if unread:
            count = "word is" if len(unread) == 1 else f"{len(unread)} words are"
            desk.note(
                f"The {name} is too long for {loaded.model.title}: its last {count} "
                f"not read, from “{unread[0][:40]}” on."
            )
    known, prompt = loaded.vocabulary, request.prompt
    if known is not None and prompt.strip() and not known.knows_any(prompt):
        example = f", such as “{known.prompts[0]}”" if known.prompts else ""
        desk.note(
            f"{loaded.model.title} knows few words, and none of these: use some of its own"
            f"{example}, or install a model for everything else."
        )

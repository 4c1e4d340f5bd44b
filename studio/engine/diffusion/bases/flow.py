"""What FLUX.1 and Stable Diffusion 3 have in common: a transformer of rectified flow, told by a T5.

A model is one or several pipelines in the roles ``pipeline``, ``edit`` and ``inpaint``; the first
that is there paints whatever no other is for, and lends its encoders and autoencoder to the rest.
"""

from __future__ import annotations

import abc
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from diffusers import AutoencoderKL

from studio.core.errors import ModelError
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.autoencoded import AutoencodedFamily
from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.latents.autoencoder import Autoencoder
from studio.engine.diffusion.latents.packing import PATCH
from studio.engine.diffusion.latents.planes import as_planes, cells_to_change
from studio.engine.diffusion.loading.headers import Shapes, read_shapes
from studio.engine.diffusion.loading.pipelines import load_pipeline, loading
from studio.engine.diffusion.loading.single_file import load_module, refuse_unsafe
from studio.engine.diffusion.remembered import Remembered
from studio.engine.diffusion.sampling.denoise import Predict, Scheduler
from studio.engine.diffusion.sampling.schedulers import FLOW_SCHEDULERS, MakeScheduler
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.roles import EDIT, INPAINT, PIPELINE, TRANSFORMER

_BASES: Final = (PIPELINE, EDIT, INPAINT)
_ITS_OWN: Final = (TRANSFORMER, "scheduler")
"""What a further pipeline does not borrow where it has it."""

_PROMPTS: Final = 16


@dataclass(frozen=True)
class Words:
    """A prompt that was read: embeds ``(1, tokens, width)``, and ``(1, width)`` for the whole."""

    embeds: torch.Tensor
    pooled: torch.Tensor


@dataclass(frozen=True)
class FlowConditions:
    """What the picture is to be, and what it is not to be; None where nobody asks for that."""

    positive: Words
    negative: Words | None


class FlowFamily(AutoencodedFamily[FlowConditions]):
    """A loaded model of rectified flow.

    The first pipeline is loaded at once, another when it is first needed.

    Args:
        model: from the catalog.
        parts: folders of pipelines by role, and perhaps files or folders that replace the first
            one's ``transformer`` and ``vae``.
        machine: where it runs.

    Raises:
        ModelError: if a part is of another family, or cannot be read.
    """

    schedulers: ClassVar[Mapping[str, MakeScheduler]] = FLOW_SCHEDULERS
    reading = 1.0
    pipeline_kind: ClassVar[Any]
    """The stock pipeline's class, whichever role it has."""

    transformer_kind: ClassVar[Any]
    """Its denoiser's class."""

    mask_channels: ClassVar[int]
    """How many an inpainting denoiser takes beside the known picture's latents."""

    dispensable: ClassVar[tuple[str, ...]] = ()
    """Components that a pipeline may come without."""

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, machine)
        self._folders = parts
        self._loaded: dict[str, Any] = {}
        self._words = Remembered[tuple[str, int], Words](_PROMPTS)
        role = next((role for role in _BASES if role in parts), PIPELINE)
        self._base = self._load(role, self._replacements(parts[role]))
        self._autoencoder = Autoencoder(self._base.vae)

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """One for each role that has been needed."""
        return tuple(self._loaded.values())

    def inpaint(
        self, brief: Brief, source: Pixels, mask: Picture, strength: float, desk: Desk
    ) -> Pixels:
        """What is masked repainted, by a denoiser that sees what is known where there is one."""
        pipeline = self._pipeline_for(INPAINT)
        conditions = self._conditions_for(brief, source, desk, pipeline.transformer)
        original = self._encoded(source)
        return self._painted(
            brief,
            self._predictor_showing(pipeline.transformer, brief, conditions, source, mask.array()),
            original,
            strength,
            desk,
            change=cells_to_change(mask, self._factor),
            scheduler=self._scheduler_of(brief, pipeline),
        )

    def _forget_words(self) -> None:
        self._words.clear()

    @abc.abstractmethod
    def _anatomy(self, shapes: Shapes, config: Mapping[str, Any]) -> dict[str, Any]:
        """What a denoiser in a file has otherwise than that of the pipeline beside it.

        Args:
            shapes: of the file, with diffusers' names or the maker's.
            config: of the pipeline's denoiser.
        """

    @abc.abstractmethod
    def _reach(self, transformer: Any) -> int:
        """How many of the T5's tokens a denoiser was trained with."""

    @abc.abstractmethod
    def _read(self, text: str, reach: int) -> Words:
        """A text as the encoders read it, the T5 up to so many tokens."""

    @abc.abstractmethod
    def _is_guided(self, brief: Brief, transformer: Any) -> bool:
        """Whether a denoiser is asked for what is not wanted, too."""

    @abc.abstractmethod
    def _predictor_of(
        self,
        transformer: Any,
        brief: Brief,
        conditions: FlowConditions,
        beside: torch.Tensor | None = None,
    ) -> Predict:
        """A denoiser.

        Args:
            transformer: to be asked.
            brief, conditions: what to paint.
            beside: what `_known_channels` has made, for one that sees what is known.
        """

    @abc.abstractmethod
    def _known_channels(self, known: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
        """What an inpainting denoiser sees beside the latents, in its own order.

        Args:
            known: ``(1, 3, h, w)`` in -1..1, 0 in the hole.
            hole: ``(1, 1, h, w)``, 1 where the picture is to be made up.
        """

    @abc.abstractmethod
    def _set_timesteps(self, scheduler: Scheduler, steps: int, tokens: int) -> None:
        """Sets the timesteps for a picture of so many tokens, as the stock pipeline does."""

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> FlowConditions:
        return self._conditions_for(brief, source, desk, self._base.transformer, words=words)

    def _conditions_for(
        self,
        brief: Brief,
        source: Pixels | None,
        desk: Desk,
        transformer: Any,
        *,
        words: bool = True,
    ) -> FlowConditions:
        """What a denoiser is told; the arguments are those of `_conditions`."""
        desk.phase(Phase.PROMPT)
        reach = self._reach(transformer)
        positive = self._read_once(brief.prompt, reach, desk)
        if not self._is_guided(brief, transformer):
            return FlowConditions(positive, None)
        return FlowConditions(positive, self._read_once(brief.negative_prompt, reach, desk))

    @torch.inference_mode()
    def _read_once(self, text: str, reach: int, desk: Desk) -> Words:
        """As `_read`; the last ones are remembered."""

        def read() -> Words:
            words = self._read(text, reach)
            desk.step(Phase.PROMPT, 1, 1, units=self.reading)
            return words

        return self._words.get((text, reach), read)

    def _predictor(self, brief: Brief, conditions: FlowConditions) -> Predict:
        """A denoiser that wants to see what is known is shown that nothing is."""
        shape = brief.extent.height, brief.extent.width
        nothing, everywhere = np.zeros((*shape, 3), np.uint8), np.full(shape, 255, np.uint8)
        return self._predictor_showing(
            self._base.transformer, brief, conditions, nothing, everywhere
        )

    @torch.inference_mode()
    def _predictor_showing(
        self,
        transformer: Any,
        brief: Brief,
        conditions: FlowConditions,
        source: Pixels,
        mask: Pixels,
    ) -> Predict:
        """A denoiser that is shown the source outside the mask, if it has use for that."""
        if not sees_what_is_known(transformer):
            return self._predictor_of(transformer, brief, conditions)
        planes = as_planes(source, self._machine)
        hole = torch.from_numpy(mask > 0)[None, None].to(planes)
        beside = self._known_channels(planes * (1 - hole), hole)
        return self._predictor_of(transformer, brief, conditions, beside)

    def _pipeline_for(self, role: str) -> Any:
        """The pipeline of a role, or the first one where the model has none for it."""
        if role in self._loaded:
            return self._loaded[role]
        if role not in self._folders:
            return self._base
        components = self._base.components
        own = [name for name in _ITS_OWN if (self._folders[role] / name).is_dir()]
        return self._load(role, {name: components[name] for name in components.keys() - own})

    def _load(self, role: str, parts: Mapping[str, Any]) -> Any:
        folder = self._folders[role]
        lacking = {name: None for name in self.dispensable if not (folder / name).is_dir()}
        with loading(self._model):
            self._check(folder, parts)
            self._loaded[role] = load_pipeline(
                self.pipeline_kind, folder, self._machine, **{**lacking, **parts}
            )
        return self._loaded[role]

    def _check(self, folder: Path, parts: Mapping[str, Any]) -> None:
        """Before gigabytes of another family are read in vain."""
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        if self.transformer_kind.__name__ not in index[TRANSFORMER]:
            raise ValueError(f"the transformer of {folder} is one of {index[TRANSFORMER]}")
        if TRANSFORMER in parts:
            config = parts[TRANSFORMER].config
        else:
            config = self.transformer_kind.load_config(folder / TRANSFORMER)
        paints = config.get("out_channels") or config["in_channels"]
        if config["in_channels"] not in (paints, 2 * paints + self.mask_channels):
            raise ModelError(
                f"{self._model.title} cannot use {folder.name}, which is guided by pictures in a "
                "way of its own: choose another model."
            )

    def _replacements(self, folder: Path) -> dict[str, Any]:
        """Modules of their own files, in the place of those of a pipeline's folder."""
        found = {}
        with loading(self._model):
            if "vae" in self._folders:
                place = self._folders["vae"]
                found["vae"] = load_module(AutoencoderKL, place, folder / "vae", self._machine)
            if TRANSFORMER in self._folders:
                found[TRANSFORMER] = self._replacement(folder / TRANSFORMER)
        return found

    def _replacement(self, config: Path) -> Any:
        """A denoiser of its own file, which may be made otherwise than the one of ``config``."""
        place, kind, anatomy = self._folders[TRANSFORMER], self.transformer_kind, {}
        if place.is_file():
            refuse_unsafe(place)
            anatomy = self._anatomy(read_shapes(place), kind.load_config(config))
        return load_module(kind, place, config, self._machine, **anatomy)

    def _timesteps(self, brief: Brief, transformer: Any) -> list[float]:
        """The scheduler's, as the pipeline of a denoiser configures it."""
        pipelines = [each for each in self.pipelines if hasattr(each, TRANSFORMER)]
        mine = next(each for each in pipelines if each.transformer is transformer)
        timesteps: list[float] = self._scheduler_of(brief, mine).timesteps.tolist()
        return timesteps

    def _scheduler(self, brief: Brief) -> Scheduler:
        return self._scheduler_of(brief, self._base)

    def _scheduler_of(self, brief: Brief, pipeline: Any) -> Scheduler:
        """The brief's scheduler as a pipeline configures it, its timesteps set."""
        scheduler = self._named_scheduler(brief.scheduler, pipeline.scheduler.config)
        tokens = brief.extent.area // (self._factor * PATCH) ** 2
        self._set_timesteps(scheduler, brief.steps, tokens)
        return scheduler


def sees_what_is_known(transformer: Any) -> bool:
    """Whether a denoiser takes more channels than it answers with: a mask, and what is around."""
    config = transformer.config
    return bool(config.in_channels > (config.out_channels or config.in_channels))

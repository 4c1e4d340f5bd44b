"""What all latent diffusion models do alike: every task, from the few methods in which they differ.

A family of models derives from `LatentFamily` and says how it reads a prompt, how its denoiser is
asked, and how pictures become latents and back. Starting from a source, inpainting with soft
masks, previews, and decoding in tiles are the same for all: where a family has no inpainting
denoiser, known latents are held to the original for as long as the mask says, so that each can
fill and extend.

The modules are those that the stock diffusers pipelines load; the loop around them is ours
(`studio.engine.diffusion.sampling.denoise`), which is what makes a task available to every family.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final, Generic, TypeVar

import numpy as np
import torch

from studio.core.errors import ModelError, RequestError
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.wardrobe import Wardrobe, Worn
from studio.engine.diffusion.bases.family import Brief, Unsound
from studio.engine.diffusion.device.machine import Machine, noise, seeded
from studio.engine.diffusion.device.placement import modules_of
from studio.engine.diffusion.device.speed import forget_steps
from studio.engine.diffusion.latents.planes import as_pixels, as_planes, cells_to_change
from studio.engine.diffusion.latents.previews import Previewer
from studio.engine.diffusion.latents.tiles import TILE_CELLS, in_tiles
from studio.engine.diffusion.sampling.batch import Batch, Painted
from studio.engine.diffusion.sampling.denoise import (
    Known,
    Predict,
    Scheduler,
    denoise,
    first_latents,
    start_of,
)
from studio.engine.diffusion.sampling.schedulers import NOISE_SCHEDULERS, MakeScheduler
from studio.engine.protocol import Phase
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.membrane import Floats

Conditions = TypeVar("Conditions")
"""What a family's denoiser is told of one picture: embeddings, guidance, sizes."""

_DECODING: Final = 1.0
_LEAST_VARIATION: Final = 0.12
"""The share of the steps that is made at strength 0, for else nothing would vary."""


class LatentFamily(abc.ABC, Generic[Conditions]):
    """A loaded latent diffusion model; see `Family` for the methods without an underscore.

    Args:
        model: from the catalog.
        machine: where it runs.
    """

    schedulers: ClassVar[Mapping[str, MakeScheduler]] = NOISE_SCHEDULERS
    """By the names that requests use."""

    ranks: ClassVar[bool] = False
    reading: ClassVar[float] = 0.0
    """What reading a prompt takes, in denoising steps."""
    paints_together: ClassVar[bool] = True

    def __init__(self, model: ModelInfo, machine: Machine) -> None:
        self._model = model
        self._machine = machine
        self._previewer: Previewer | None = None
        self._wardrobe = Wardrobe()
        self.tiled = False

    @property
    @abc.abstractmethod
    def pipelines(self) -> tuple[Any, ...]:
        """The stock pipelines that hold its modules, those loaded so far."""

    @property
    @abc.abstractmethod
    def _factor(self) -> int:
        """Pixels along the side of a latent cell."""

    @property
    @abc.abstractmethod
    def _channels(self) -> int:
        """Of the latents."""

    @property
    @abc.abstractmethod
    def _scheduler_config(self) -> Any:
        """Of the model's own scheduler."""

    @abc.abstractmethod
    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> Conditions:
        """What to paint.

        Args:
            brief: with the words.
            source: what guides where there are no words and the family can see.
            desk: for reports.
            words: whether they count at all where there is a source.
        """

    @abc.abstractmethod
    def _predictor(self, brief: Brief, conditions: Conditions) -> Predict:
        """The denoiser, told what to paint.

        It is asked for as many pictures at a time as the brief has seeds. Conditions are alike for
        all of them, or have a row for each.
        """

    @abc.abstractmethod
    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        """Latents ``(n, c, h/f, w/f)``, as the denoiser takes them, of ``(n, 3, h, w)`` in -1..1.

        The same each time: the mean where the autoencoder has a distribution.
        """

    @abc.abstractmethod
    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        """The way back from `_encode`."""

    def _inpaint_predictor(
        self,
        brief: Brief,
        conditions: Conditions,
        source: Pixels,
        original: torch.Tensor,
        change: Floats,
    ) -> Predict:
        """The denoiser that sees what is known; here the plain one, which sees only latents.

        Args:
            brief, conditions: what to paint.
            source: with the pre-fill under the mask, and its latents ``original``.
            original: ``(1, c, h, w)``.
            change: ``(h, w)``, how far each cell is to change, 0 to 1.
        """
        return self._predictor(brief, conditions)

    def _inpaint_scheduler(self, brief: Brief) -> Scheduler:
        """For `_inpaint_predictor`, whose denoiser may be trained otherwise; its timesteps set."""
        return self._scheduler(brief)

    def wear(self, loras: Sequence[Worn]) -> None:
        """Puts these LoRAs on for what is painted from now on, and takes all others off."""
        if self._wardrobe.wear(self.pipelines, loras):
            self._forget_words()

    def learn(self, words: Sequence[AdapterInfo]) -> Sequence[AdapterInfo]:
        """Learns none, where a family does not know how."""
        return words

    def _forget_words(self) -> None:
        """Reads prompts anew from now on, since the text encoders have changed."""

    def effort(self, steps: int) -> float:
        """Denoising steps, and the reading and the decoding in their measure."""
        return steps + self.reading + _DECODING

    def text_to_image(self, brief: Brief, desk: Desk) -> Pixels:
        """A picture from words."""
        conditions = self._conditions(brief, None, desk)
        return self._painted(brief, self._predictor(brief, conditions), None, 1.0, desk)

    def image_to_image(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source's latents noised as far as the strength says, then denoised by the words."""
        conditions = self._conditions(brief, source, desk)
        return self._painted(brief, self._predictor(brief, conditions), source, strength, desk)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """A family that has no image embeddings to decode anew repaints the source."""
        return self.image_to_image(brief, source, strength, desk)

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """Refused, but by the families that follow instructions."""
        raise ModelError(f"{self._model.title} follows no instructions: choose a model that does.")

    def inpaint(
        self, brief: Brief, source: Pixels, mask: Picture, strength: float, desk: Desk
    ) -> Pixels:
        """What is masked repainted, with known latents noised anew from the original at each step.

        The unknown area is grown by a cell, so that no known cell has seen masked pixels.
        """
        conditions = self._conditions(brief, source, desk)
        original, change = self._encoded(source), cells_to_change(mask, self._factor)
        predict = self._inpaint_predictor(brief, conditions, source, original, change)
        scheduler = self._inpaint_scheduler(brief)
        return self._painted(
            brief, predict, original, strength, desk, change=change, scheduler=scheduler
        )

    def similarity(self, prompt: str, pictures: Sequence[Pixels]) -> list[float]:
        """Refused, but by the families that have both sides of a CLIP."""
        raise ModelError(
            f"{self._model.title} cannot compare words with pictures: choose a model that can."
        )

    def unread(self, prompt: str) -> str:
        """Nothing, where a family does not know better."""
        return ""

    def _scheduler(self, brief: Brief) -> Scheduler:
        """The brief's scheduler, its timesteps set.

        Raises:
            RequestError: if the family has none of that name, or it does not make so many steps.
        """
        return self._scheduler_with(self._scheduler_config, brief)

    def _scheduler_with(self, config: Any, brief: Brief, **changes: Any) -> Scheduler:
        """The brief's scheduler as one of the model's denoisers wants it, its timesteps set.

        Args:
            config: of the scheduler that comes with the denoiser.
            brief: names the scheduler and the steps.
            changes: what is to be set otherwise than there.
        """
        scheduler = self._named_scheduler(brief.scheduler, config, **changes)
        try:
            scheduler.set_timesteps(brief.steps, device=self._machine.device)
        except ValueError as error:
            raise RequestError(
                f"The scheduler {brief.scheduler} does not make {brief.steps} steps: "
                "ask for fewer, or choose another one.",
                details=str(error),
            ) from error
        return scheduler

    def _named_scheduler(self, name: str, config: Any = None, **changes: Any) -> Scheduler:
        if name not in self.schedulers:
            raise RequestError(
                f"{self._model.title} has no scheduler {name!r}: "
                f"choose one of {', '.join(self.schedulers)}."
            )
        wanted = self._scheduler_config if config is None else config
        return self.schedulers[name](wanted, **changes)

    def _painted(
        self,
        brief: Brief,
        predict: Predict,
        source: Pixels | torch.Tensor | None,
        strength: float,
        desk: Desk,
        *,
        change: Floats | None = None,
        scheduler: Scheduler | None = None,
    ) -> Pixels:
        """From noise, or from a source or its latents, to a picture.

        With ``change``, cells are held to the source for as long as it says. The scheduler is the
        brief's where none is given. Of a batch, the first brief has all denoised.
        """
        batch = brief.batch or Batch([brief.seed])
        latents, generator = batch.take(
            brief.seed,
            lambda: self._denoised(brief, predict, source, strength, desk, change, scheduler),
        )
        return self._developed(latents, generator, desk)

    @torch.inference_mode()
    def _denoised(
        self,
        brief: Brief,
        predict: Predict,
        source: Pixels | torch.Tensor | None,
        strength: float,
        desk: Desk,
        change: Floats | None,
        scheduler: Scheduler | None,
    ) -> list[Painted]:
        """The latents for each of the brief's seeds; the arguments are those of `_painted`."""
        if self._machine.tuning.step_cache:
            forget_steps(module for each in self.pipelines for _, module in modules_of(each))
        self._wardrobe.dress(self.pipelines)
        generators, scheduler = [*map(seeded, brief.seeds)], scheduler or self._scheduler(brief)
        original = self._encoded(source) if isinstance(source, np.ndarray) else source
        start = 0 if original is None else self._begin(scheduler, brief, strength)
        initial = torch.cat([self._noise(brief, generator) for generator in generators])
        known = None
        if original is not None and change is not None:
            known = Known(original, initial, change)
        latents = denoise(
            predict,
            scheduler,
            first_latents(original, initial, scheduler, start),
            generators,
            after_step=self._after_step(desk),
            start=start,
            known=known,
        )
        return list(zip(latents.unsqueeze(1).unbind(), generators, strict=True))

    def _begin(self, scheduler: Scheduler, brief: Brief, strength: float) -> int:
        """The number of steps that are left out where there is a source."""
        return start_of(brief.steps, strength)

    def _varied(
        self, brief: Brief, conditions: Conditions, source: Pixels, strength: float, desk: Desk
    ) -> Pixels:
        """A picture told the source's own embedding.

        Below strength 1 it starts from the source's noised latents, so that it keeps its layout.
        """
        share = _LEAST_VARIATION + (1 - _LEAST_VARIATION) * strength
        return self._painted(brief, self._predictor(brief, conditions), source, share, desk)

    def _after_step(self, desk: Desk) -> Callable[[int, int, torch.Tensor], None]:
        previewer = self._load_previewer()

        def report(step: int, total: int, clean: torch.Tensor) -> None:
            previews = [partial(previewer, each) for each in clean.unsqueeze(1).unbind()]
            desk.step(Phase.DENOISING, step, total, units=len(clean), previews=previews)

        desk.phase(Phase.DENOISING)
        return report

    def _noise(self, brief: Brief, generator: torch.Generator) -> torch.Tensor:
        """In 32 bits, in which latents stay from step to step whatever the denoiser takes."""
        rows, columns = brief.extent.height // self._factor, brief.extent.width // self._factor
        precise = replace(self._machine, dtype=torch.float32)
        return noise((1, self._channels, rows, columns), generator, precise)

    @torch.inference_mode()
    def _encoded(self, picture: Pixels | torch.Tensor) -> torch.Tensor:
        """The latents of pixels, or of planes as `_encode` takes them; in 32 bits."""
        if isinstance(picture, np.ndarray):
            picture = as_planes(picture, self._machine)
        if self.tiled:
            side, grid = self._factor * TILE_CELLS, self._factor
            return in_tiles(self._encode, picture, side, grid).float()
        return self._encode(picture).float()

    @torch.inference_mode()
    def _developed(self, latents: torch.Tensor, generator: torch.Generator, desk: Desk) -> Pixels:
        """The latents' picture."""
        desk.phase(Phase.DECODING)
        planes = self._decoded(latents, generator, desk)[0].float()
        if not torch.isfinite(planes).all():
            raise Unsound
        pixels = as_pixels(planes)
        if pixels.max() == 0 and not self._machine.is_full_precision:
            raise Unsound
        desk.step(Phase.DECODING, 1, 1, units=_DECODING)
        return pixels

    def _decoded(
        self, latents: torch.Tensor, generator: torch.Generator, desk: Desk
    ) -> torch.Tensor:
        """As `_decode`, in tiles where memory is short; some families need chance for it."""
        return in_tiles(self._decode, latents, TILE_CELLS) if self.tiled else self._decode(latents)

    def _load_previewer(self) -> Previewer:
        if self._previewer is None:
            self._previewer = Previewer(
                lambda planes: self._encode(planes.to(self._machine.device, self._machine.dtype)),
                self._factor,
            )
        return self._previewer

"""Kandinsky 2.2, an open unCLIP: prior, latent decoder, and a decoder with an inpainting input.

The parts are those of the stock diffusers pipelines; the loop around the decoder is our own
(`studio.engine.diffusion.denoise`), since the stock image-to-image pipeline wants four latent
channels and the stock inpainting one has no strength and no soft masks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    KandinskyV22InpaintPipeline,
    KandinskyV22Pipeline,
)
from safetensors import SafetensorError

from studio.core.errors import ModelError, RequestError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.denoise import Conditions, Known, Scheduler, denoise, start_of
from studio.engine.diffusion.families.clip_prior import ClipPrior
from studio.engine.diffusion.family import Brief, Unsound
from studio.engine.diffusion.machine import Machine, noise, seeded
from studio.engine.diffusion.previews import Previewer
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.membrane import Floats

SCHEDULERS: Final[dict[str, Callable[[Any], Scheduler]]] = {
    "ddim": DDIMScheduler.from_config,
    "ddpm": DDPMScheduler.from_config,
    "dpm++": partial(DPMSolverMultistepScheduler.from_config, variance_type=None),
}
"""Each makes a scheduler from the configuration of the model's own."""

_PRIOR_STEP: Final = 0.2
_DECODING: Final = 1.0
_LEAST_VARIATION: Final = 0.12


class Kandinsky22:
    """A loaded Kandinsky 2.2, or anything of its make; see `Family` for its methods.

    The inpainting decoder is loaded when it is first needed.
    """

    def __init__(self, model: ModelInfo, parts: dict[str, Path], machine: Machine) -> None:
        defaults = model.defaults
        self._model = model
        self._machine = machine
        self._folders = parts
        self._prior = ClipPrior(
            parts["prior"], machine, defaults.prior_steps, defaults.prior_guidance
        )
        decoder = _load_pipeline(KandinskyV22Pipeline, parts["decoder"], machine)
        self._unet: Any = decoder.unet
        self._movq: Any = decoder.movq
        self._scheduler_config = decoder.scheduler.config
        self._factor = 2 ** (len(self._movq.config.block_out_channels) - 1)
        self._inpaint_unet: Any = None
        self._previewer: Previewer | None = None

    def effort(self, steps: int) -> float:
        """Denoising steps, and the prior's and the decoding in their measure."""
        return steps + self._prior.steps * _PRIOR_STEP + _DECODING

    def text_to_image(self, brief: Brief, desk: Desk) -> Pixels:
        """A picture from words, by way of an image embedding from the prior."""
        conditions = self._conditions(brief, None, desk)
        generator = seeded(brief.seed)
        scheduler = self._scheduler(brief)
        latents = self._noise(brief.extent, generator) * scheduler.init_noise_sigma
        latents = self._denoise(self._unet, scheduler, latents, conditions, generator, desk)
        return self._developed(latents, desk)

    def image_to_image(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source's latents noised as far as the strength says, then denoised by the words.

        Where there are no words, the source's own embedding guides.
        """
        return self._from_source(
            brief, source, strength, self._conditions(brief, source, desk), desk
        )

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source's image embedding decoded anew, as in unCLIP; words are not needed.

        Below strength 1 it starts from the source's noised latents, so that it keeps its layout.
        """
        conditions = self._conditions(brief, source, desk, words=False)
        share = _LEAST_VARIATION + (1 - _LEAST_VARIATION) * strength
        return self._from_source(brief, source, share, conditions, desk)

    def inpaint(
        self, brief: Brief, source: Pixels, mask: Picture, strength: float, desk: Desk
    ) -> Pixels:
        """The inpainting decoder, with known latents noised anew from the original at every step.

        It sees the known latents and where they are in channels of its own. The unknown area is
        grown by a cell, as the stock pipeline does, so that no known cell has seen masked pixels.
        """
        conditions = self._conditions(brief, source, desk)
        unet = self._load_inpaint_unet()
        generator = seeded(brief.seed)
        scheduler = self._scheduler(brief)
        original = self._encoded(source)
        initial = self._noise(brief.extent, generator)
        change = _cells(mask, self._factor)
        keep = torch.from_numpy((change == 0).astype(np.float32))[None, None].to(original)
        start = start_of(brief.steps, strength)
        latents = self._noised(original, initial, scheduler, start)
        latents = self._denoise(
            unet,
            scheduler,
            latents,
            conditions,
            generator,
            desk,
            start=start,
            extra=torch.cat([original * keep, keep], dim=1),
            known=Known(original, initial, change),
        )
        return self._developed(latents, desk)

    def similarity(self, prompt: str, pictures: list[Pixels]) -> list[float]:
        """CLIP's cosine similarity, -1 to 1."""
        return self._prior.similarity(prompt, pictures)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        return self._prior.unread(prompt)

    def use_full_precision(self) -> None:
        """Goes on in 32 bits."""
        if self._machine.is_full_precision:
            raise ModelError(
                f"{self._model.title} gave no picture: its weights may be damaged, "
                "so install it again."
            )
        self._machine = self._machine.full_precision()
        self._prior.to(self._machine)
        for part in (self._unet, self._movq, self._inpaint_unet):
            if part is not None:
                part.to(self._machine.device, self._machine.dtype)

    def _from_source(
        self, brief: Brief, source: Pixels, share: float, conditions: Conditions, desk: Desk
    ) -> Pixels:
        generator = seeded(brief.seed)
        scheduler = self._scheduler(brief)
        start = start_of(brief.steps, share)
        initial = self._noise(brief.extent, generator)
        latents = self._noised(self._encoded(source), initial, scheduler, start)
        latents = self._denoise(
            self._unet, scheduler, latents, conditions, generator, desk, start=start
        )
        return self._developed(latents, desk)

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> Conditions:
        """What to paint: the words, or the source's content where there are none."""

        def report(step: int, total: int) -> None:
            desk.step(Phase.PROMPT, step, total, units=_PRIOR_STEP)

        desk.phase(Phase.PROMPT)
        if source is None or (words and brief.prompt.strip()):
            positive = self._prior.of_text(brief.prompt, brief.seed, report)
        else:
            positive = self._prior.of_pictures([source])
        negative = self._prior.of_nothing()
        if brief.negative_prompt.strip():
            negative = self._prior.of_text(brief.negative_prompt, brief.seed, report)
        return Conditions(positive, negative, brief.guidance)

    def _scheduler(self, brief: Brief) -> Scheduler:
        if brief.scheduler not in SCHEDULERS:
            raise RequestError(
                f"{self._model.title} has no scheduler {brief.scheduler!r}: "
                f"choose one of {', '.join(SCHEDULERS)}."
            )
        scheduler = SCHEDULERS[brief.scheduler](self._scheduler_config)
        scheduler.set_timesteps(brief.steps, device=self._machine.device)
        return scheduler

    def _noise(self, extent: Extent, generator: torch.Generator) -> torch.Tensor:
        size = (extent.height // self._factor, extent.width // self._factor)
        channels: int = self._movq.config.latent_channels
        return noise((1, channels, *size), generator, self._machine)

    def _noised(
        self, original: torch.Tensor, initial: torch.Tensor, scheduler: Scheduler, start: int
    ) -> torch.Tensor:
        if start == 0:
            noised: torch.Tensor = initial * scheduler.init_noise_sigma
        else:
            noised = scheduler.add_noise(original, initial, scheduler.timesteps[start : start + 1])
        return noised

    @torch.inference_mode()
    def _denoise(
        self,
        unet: Any,
        scheduler: Scheduler,
        latents: torch.Tensor,
        conditions: Conditions,
        generator: torch.Generator,
        desk: Desk,
        **options: Any,
    ) -> torch.Tensor:
        previewer = self._load_previewer()

        def after_step(step: int, total: int, clean: torch.Tensor) -> None:
            desk.step(Phase.DENOISING, step, total, preview=lambda: previewer(clean))

        desk.phase(Phase.DENOISING)
        return denoise(
            unet, scheduler, latents, conditions, generator, after_step=after_step, **options
        )

    @torch.inference_mode()
    def _encoded(self, pixels: Pixels) -> torch.Tensor:
        planes = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]
        scaled = planes.to(self._machine.device, self._machine.dtype) / 127.5 - 1
        latents: torch.Tensor = self._movq.encode(scaled).latents
        return latents

    @torch.inference_mode()
    def _developed(self, latents: torch.Tensor, desk: Desk) -> Pixels:
        """The latents' picture."""
        desk.phase(Phase.DECODING)
        planes = self._movq.decode(latents, force_not_quantize=True).sample[0].float()
        if not torch.isfinite(planes).all():
            raise Unsound
        pixels: Pixels = (
            ((planes + 1) * 127.5).clamp(0, 255).round().byte().permute(1, 2, 0).cpu().numpy()
        )
        if pixels.max() == 0 and not self._machine.is_full_precision:
            raise Unsound
        desk.step(Phase.DECODING, 1, 1, units=_DECODING)
        return pixels

    def _load_inpaint_unet(self) -> Any:
        if self._inpaint_unet is None:
            pipeline = _load_pipeline(
                KandinskyV22InpaintPipeline,
                self._folders["inpaint"],
                self._machine,
                movq=self._movq,
            )
            self._inpaint_unet = pipeline.unet
        return self._inpaint_unet

    def _load_previewer(self) -> Previewer:
        if self._previewer is None:

            def encode(planes: torch.Tensor) -> torch.Tensor:
                moved = planes.to(self._machine.device, self._machine.dtype)
                latents: torch.Tensor = self._movq.encode(moved).latents
                return latents

            self._previewer = Previewer(encode, self._factor)
        return self._previewer


def load(model: ModelInfo, parts: dict[str, Path], machine: Machine) -> Kandinsky22:
    """Loads prior and decoder.

    Raises:
        ModelError: if a folder holds no such model, or its weights cannot be read.
    """
    try:
        return Kandinsky22(model, parts, machine)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"{model.title} cannot be loaded: install it again, or choose another model.",
            details=f"{type(error).__name__}: {error}",
        ) from error


def _load_pipeline(kind: Any, folder: Path, machine: Machine, **parts: Any) -> Any:
    pipeline = kind.from_pretrained(
        folder, dtype=machine.dtype, use_safetensors=True, local_files_only=True, **parts
    )
    return pipeline.to(machine.device)


def _cells(mask: Picture, factor: int) -> Floats:
    """How far each latent cell is to change: as its most masked pixel, or that of a neighbour."""
    planes = torch.from_numpy(mask.array().astype(np.float32) / np.float32(255))[None, None]
    cells = torch.nn.functional.max_pool2d(planes, factor)
    grown = torch.nn.functional.max_pool2d(cells, 3, stride=1, padding=1)
    return np.asarray(grown[0, 0].numpy(), dtype=np.float32)

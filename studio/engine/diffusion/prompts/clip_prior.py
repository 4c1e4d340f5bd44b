"""Words and pictures in CLIP's common space, and the unCLIP prior that leads from one to the other.

The prior turns a text's embedding into an image embedding by a diffusion of its own (A. Ramesh et
al., "Hierarchical text-conditional image generation with CLIP latents", 2022).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import KandinskyV22PriorPipeline
from PIL import Image

from studio.core.picture import Pixels
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.loading.pipelines import load_pipeline
from studio.engine.diffusion.prompts.reach import beyond
from studio.engine.diffusion.remembered import Remembered

_REMEMBERED: Final = 64

StepReport = Callable[[int, int], None]
"""Called with the step from 1 and their number; may raise to end the work."""


class ClipPrior:
    """A text encoder, an image encoder and the prior between them.

    Args:
        folder: in diffusers' format for Kandinsky 2.2's prior.
        machine: where it runs.
        steps, guidance: of the prior's diffusion.

    Attributes:
        pipeline: the stock pipeline that holds the modules.
    """

    def __init__(self, folder: Path, machine: Machine, steps: int, guidance: float) -> None:
        self.steps = steps
        self._machine = machine
        self._guidance = guidance
        self.pipeline: Any = load_pipeline(KandinskyV22PriorPipeline, folder, machine)
        self._remembered = Remembered[tuple[str, int], torch.Tensor](_REMEMBERED)
        self._nothing: torch.Tensor | None = None

    @torch.inference_mode()
    def of_text(self, text: str, seed: int, report: StepReport) -> torch.Tensor:
        """The image embedding of a picture that the text describes, ``(1, d)``.

        The last ones are remembered; for these no step is reported.
        """
        return self._remembered.get((text, seed), lambda: self._denoised(text, seed, report))

    @torch.inference_mode()
    def of_pictures(self, pictures: Sequence[Pixels]) -> torch.Tensor:
        """The pictures' own embeddings, ``(n, d)``."""
        encoder, machine = self.pipeline.image_encoder, self._machine
        images = [Image.fromarray(pixels) for pixels in pictures]
        values = self.pipeline.image_processor(images, return_tensors="pt").pixel_values
        embeds: torch.Tensor = encoder(values.to(machine.device, machine.dtype)).image_embeds
        return embeds

    @torch.inference_mode()
    def of_nothing(self) -> torch.Tensor:
        """What stands for no picture in particular, ``(1, d)``: the embedding of a grey one."""
        if self._nothing is None:
            self._nothing = self.pipeline.get_zero_embed()
        return self._nothing

    @torch.inference_mode()
    def similarity(self, text: str, pictures: Sequence[Pixels]) -> list[float]:
        """Cosines between the text's embedding and the pictures', -1 to 1."""
        encoder = self.pipeline.text_encoder
        tokens = self.pipeline.tokenizer(text, truncation=True, return_tensors="pt")
        said = encoder(tokens.input_ids.to(self._machine.device)).text_embeds
        seen = self.of_pictures(pictures)
        cosines: list[float] = torch.cosine_similarity(seen.float(), said.float()).tolist()
        return cosines

    def unread(self, text: str) -> str:
        """The end of a text that is beyond the encoder's reach."""
        tokenizer = self.pipeline.tokenizer
        return beyond(tokenizer, text, tokenizer.model_max_length)

    def _denoised(self, text: str, seed: int, report: StepReport) -> torch.Tensor:
        def after_step(
            _pipeline: object, index: int, _timestep: object, _tensors: dict[str, Any]
        ) -> dict[str, Any]:
            report(index + 1, self.steps)
            return {}

        embeds: torch.Tensor = self.pipeline(
            text,
            num_inference_steps=self.steps,
            guidance_scale=self._guidance,
            generator=seeded(seed),
            callback_on_step_end=after_step,
        ).image_embeds
        return embeds

"""Stable unCLIP: Stable Diffusion 2 that is told an image embedding beside the words.

The embedding is a picture's own, or the one that a prior makes of words. Noise on it, of which the
denoiser is told how much there is, decides how closely it is followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import StableUnCLIPImg2ImgPipeline, StableUnCLIPPipeline, UnCLIPPipeline
from PIL import Image

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.autoencoded import AutoencodedFamily
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import kind_of
from studio.engine.diffusion.device.machine import Machine, noise, seeded
from studio.engine.diffusion.latents.autoencoder import Autoencoder
from studio.engine.diffusion.loading.pipelines import load_pipeline
from studio.engine.diffusion.prompts.clip_words import ClipWords, Tower
from studio.engine.diffusion.prompts.unclip_prior import UnclipPrior
from studio.engine.diffusion.sampling.denoise import Predict
from studio.engine.diffusion.sampling.guidance import spread
from studio.engine.diffusion.sampling.unet import Told, UnetConditions, unet_predictor
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.roles import PIPELINE, PRIOR

_KINDS: Final = (StableUnCLIPPipeline, StableUnCLIPImg2ImgPipeline)
_PRIOR_STEP: Final = 0.2
_MOST_NOISE: Final = 0.5
"""As a share of the noise schedule: with more, little of a picture's idea is left."""


class StableUnclip(AutoencodedFamily[UnetConditions]):
    """A loaded Stable unCLIP.

    The folder of the stock pipeline for words has a prior, that for pictures an image encoder. To
    the latter, the prior of a Karlo may be added.
    """

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, machine)
        folder = parts[PIPELINE]
        self._base = load_pipeline(kind_of(model, folder, _KINDS), folder, machine)
        self._autoencoder = Autoencoder(self._base.vae)
        tower = Tower(
            self._base.tokenizer,
            self._base.text_encoder,
            convert=self._base.maybe_convert_prompt,
        )
        self._words = ClipWords([tower], machine.device)
        self._prior_pipeline = _load_prior(parts[PRIOR], machine) if PRIOR in parts else None
        self._prior = self._assembled_prior()

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """The decoder's, and the prior's where that lies elsewhere."""
        return tuple(each for each in (self._base, self._prior_pipeline) if each is not None)

    def effort(self, steps: int) -> float:
        """Denoising steps, and the prior's and the decoding in their measure."""
        prior = 0.0 if self._prior is None else self._prior.steps * _PRIOR_STEP
        return super().effort(steps) + prior

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source's image embedding decoded anew; without an image encoder it is repainted.

        The strength is how much noise its embedding gets.
        """
        if not self._sees:
            return super().variation(brief, source, strength, desk)
        desk.phase(Phase.PROMPT)
        wordless = replace(brief, prompt="")
        conditions = self._told(wordless, self._of_picture(source), strength * _MOST_NOISE)
        return self._varied(brief, conditions, source, strength, desk)

    @property
    def _sees(self) -> bool:
        return hasattr(self._base, "image_encoder")

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> UnetConditions:
        """The prior's embedding of the words, or the source's own where it is told no other.

        The words are told besides, and alone where there is neither prior nor source.
        """
        desk.phase(Phase.PROMPT)
        is_worded = words and bool(brief.prompt.strip())
        if source is not None and self._sees and not (is_worded and self._prior is not None):
            return self._told(brief, self._of_picture(source), 0.0)
        if self._prior is None:
            return self._told(brief, None, 0.0)

        def report(step: int, total: int) -> None:
            desk.step(Phase.PROMPT, step, total, units=_PRIOR_STEP)

        embeds = [self._prior.of_text(brief.prompt, seed, report) for seed in brief.seeds]
        return self._told(brief, torch.cat(embeds), 0.0)

    @torch.inference_mode()
    def _told(self, brief: Brief, embeds: torch.Tensor | None, noisiness: float) -> UnetConditions:
        """The words, and an image embedding with noise on it.

        Args:
            brief: with the words.
            embeds: ``(n, d)``; None for that of no picture in particular, as in training.
            noisiness: 0 to 1.
        """
        count = len(brief.seeds)
        positive, negative = (
            spread(words.embeds, count)
            for words in self._words.pair(brief.prompt, brief.negative_prompt)
        )
        width = self._base.unet.config.projection_class_embeddings_input_dim
        labels = nothing = positive.new_zeros(count, width)
        if embeds is not None:
            labels = self._noisy(spread(embeds, count), noisiness, brief.seeds)
        return UnetConditions(Told(positive, labels=labels), Told(negative, labels=nothing))

    def _noisy(self, embeds: torch.Tensor, noisiness: float, seeds: Sequence[int]) -> torch.Tensor:
        """Image embeddings with noise on them, and behind it how much, ``(n, 2d)``."""
        base, shape = self._base, (1, embeds.shape[1])
        initial = torch.cat([noise(shape, seeded(seed), self._machine) for seed in seeds])
        levels = base.image_noising_scheduler.config.num_train_timesteps
        noisy: torch.Tensor = base.noise_image_embeddings(
            embeds, round(noisiness * (levels - 1)), initial
        )
        return noisy

    @torch.inference_mode()
    def _of_picture(self, source: Pixels) -> torch.Tensor:
        encoder, extract = self._base.image_encoder, self._base.feature_extractor
        values = extract(images=Image.fromarray(source), return_tensors="pt").pixel_values
        embeds: torch.Tensor = encoder(values.to(self._machine.device, encoder.dtype)).image_embeds
        return embeds

    def _predictor(self, brief: Brief, conditions: UnetConditions) -> Predict:
        return unet_predictor(self._base.unet, conditions, brief.guidance)

    def _assembled_prior(self) -> UnclipPrior | None:
        base, other, defaults = self._base, self._prior_pipeline, self._model.defaults
        if other is not None:
            self._check_prior(other.prior)
            modules = (other.tokenizer, other.text_encoder, other.prior, other.prior_scheduler)
        elif hasattr(base, "prior"):
            towers = (base.prior_tokenizer, base.prior_text_encoder)
            modules = (*towers, base.prior, base.prior_scheduler)
        else:
            return None
        return UnclipPrior(
            *modules, self._machine, steps=defaults.prior_steps, guidance=defaults.prior_guidance
        )

    def _check_prior(self, prior: Any) -> None:
        leads, wanted = (
            module.config.embedding_dim for module in (prior, self._base.image_normalizer)
        )
        if leads != wanted:
            raise ModelError(
                f"{self._model.title} is told {wanted} numbers of a picture and its prior says "
                f"{leads}: choose a prior for the same CLIP."
            )


def _load_prior(folder: Path, machine: Machine) -> Any:
    """The prior of a Karlo without what paints."""
    parts = ("decoder", "text_proj", "super_res_first", "super_res_last")
    schedulers = ("decoder_scheduler", "super_res_scheduler")
    nothing = {name: None for name in (*parts, *schedulers)}
    return load_pipeline(UnCLIPPipeline, folder, machine, **nothing)


load = loader(StableUnclip)

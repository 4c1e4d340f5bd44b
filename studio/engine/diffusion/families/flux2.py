"""FLUX.2: a transformer of rectified flow that paints from words and from pictures alike.

Black Forest Labs, "FLUX.2", 2025. Klein is told by a Qwen 3 and comes with guidance or distilled
to a few steps without it; dev is told by a Mistral Small and takes its guidance as an input.
Pictures that it looks at are further tokens of the sequence that it paints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

import torch
from diffusers import Flux2KleinPipeline, Flux2Pipeline, Flux2Transformer2DModel
from diffusers.pipelines.flux2.pipeline_flux2 import compute_empirical_mu, format_input

from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import Conditions, LanguageFamily
from studio.engine.diffusion.latents.packing import places
from studio.engine.diffusion.loading.pipelines import load_tokenizer
from studio.engine.diffusion.prompts.pictures import extent_of, of_area, scaled
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import contrasted, spread
from studio.generation.roles import PIPELINE

_TOKENS: Final = 512
_PATCH: Final = 2
"""Cells of the autoencoder along the side of one of ours."""

_BETWEEN: Final = 10
"""By how much the places of one picture and the next differ."""


class Flux2(LanguageFamily[torch.Tensor]):
    """A loaded FLUX.2 klein or dev. Words are ``(1, tokens, width)``.

    A cell of its latents is two by two of the autoencoder's, brought to the mean and deviation of
    all pictures; it is one token.
    """

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (Flux2KleinPipeline, Flux2Pipeline)
    transformer_kind: ClassVar[Any] = Flux2Transformer2DModel
    patch: ClassVar[int] = 1

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """The sources looked at while the instruction is painted."""
        conditions = self._shown(brief, sources, desk)
        return self._painted(brief, self._predictor(brief, conditions), None, 1.0, desk)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source looked at while something like it is painted; words are not needed.

        Below strength 1 it starts from the source's noised latents, so that it keeps its layout.
        """
        conditions = self._shown(brief, [source], desk)
        return self._varied(brief, conditions, source, strength, desk)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        tokenizer = self._pipeline.tokenizer
        if self._is_klein:
            framed = tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}],
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=False,
            )
        else:
            [messages] = format_input([prompt], self._pipeline.system_message)
            framed = tokenizer.apply_chat_template(messages, tokenize=False)
        return unread_end(tokenizer, framed, prompt.strip(), _TOKENS)

    @property
    def _is_klein(self) -> bool:
        return isinstance(self._pipeline, Flux2KleinPipeline)

    @property
    def _factor(self) -> int:
        halvings = len(self._pipeline.vae.config.block_out_channels) - 1
        return int(2**halvings) * _PATCH

    @property
    def _channels(self) -> int:
        return int(self._pipeline.vae.config.latent_channels) * _PATCH**2

    def _load_pipeline(self, **parts: Any) -> Any:
        """Dev's published processor needs torchvision for pictures; words need its tokenizer."""
        folder = self._folders[PIPELINE]
        if self._kind_in(folder) is Flux2KleinPipeline:
            return super()._load_pipeline(**parts)
        pipeline = super()._load_pipeline(tokenizer=None, **parts)
        pipeline.tokenizer = load_tokenizer(folder / "tokenizer")
        return pipeline

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._pipeline.encode_prompt(
            text, device=self._machine.device, max_sequence_length=_TOKENS
        )
        return embeds

    def _is_guided(self, brief: Brief) -> bool:
        is_distilled = not self._is_klein or self._pipeline.config.is_distilled
        return brief.guidance > 1 and not is_distilled

    def _shift(self, scheduler: Scheduler, tokens: int, steps: int) -> float:
        return float(compute_empirical_mu(tokens, steps))

    def _shown(
        self, brief: Brief, sources: Sequence[Pixels], desk: Desk
    ) -> Conditions[torch.Tensor]:
        """The words, and pictures to look at."""
        conditions = self._conditions(brief, None, desk)
        shown = tuple(self._encoded(self._sized(source)) for source in sources)
        return replace(conditions, shown=shown)

    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        """A denoiser that sees what is shown behind its own latents."""
        shown = conditions.shown
        transformer, positive = self._pipeline.transformer, conditions.positive
        negative = conditions.negative
        guidance = torch.full([1], brief.guidance, device=positive.device)
        behind = [_tokens(latents).to(positive.dtype) for latents in shown]
        height, width = brief.extent.height // self._factor, brief.extent.width // self._factor
        sizes = [(height, width), *((latents.shape[2], latents.shape[3]) for latents in shown)]
        spots = torch.cat([_spots(*size, picture) for picture, size in enumerate(sizes)])
        spots = spots.to(positive.device)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            painted = _tokens(latents).to(positive.dtype)
            seen = torch.cat([painted, *(spread(each, len(painted)) for each in behind)], dim=1)

            def answer(name: str, words: torch.Tensor) -> torch.Tensor:
                with transformer.cache_context(name):
                    tokens: torch.Tensor = transformer(
                        hidden_states=seen,
                        timestep=timestep.reshape(1) / TIMESTEPS,
                        guidance=guidance if transformer.config.guidance_embeds else None,
                        encoder_hidden_states=spread(words, len(painted)),
                        txt_ids=_word_spots(words),
                        img_ids=spots,
                        return_dict=False,
                    )[0]
                return tokens[:, : painted.shape[1]].float()

            velocity = contrasted(answer, positive, negative, brief.guidance)
            return velocity.transpose(1, 2).reshape(latents.shape)

        return predict

    def _sized(self, source: Pixels) -> Pixels:
        """A source at its own size, or at the model's where it is larger."""
        extent = extent_of(source)
        area = min(extent.area, self._model.native_size**2)
        return scaled(source, of_area(extent, area, self._factor))

    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        mean, deviation = self._statistics(planes)
        cells = self._pipeline.vae.encode(planes).latent_dist.mode()
        latents: torch.Tensor = torch.nn.functional.pixel_unshuffle(cells, _PATCH)
        return (latents - mean) / deviation

    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        mean, deviation = self._statistics(latents)
        cells = torch.nn.functional.pixel_shuffle(latents * deviation + mean, _PATCH)
        vae = self._pipeline.vae
        planes: torch.Tensor = vae.decode(cells.to(vae.dtype), return_dict=False)[0]
        return planes

    def _statistics(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean and the deviation of each channel, as the autoencoder's batch norm has them."""
        vae = self._pipeline.vae
        variance = vae.bn.running_var.float() + vae.config.batch_norm_eps
        mean, deviation = (
            values.view(1, -1, 1, 1).to(like) for values in (vae.bn.running_mean, variance.sqrt())
        )
        return mean, deviation


def _tokens(latents: torch.Tensor) -> torch.Tensor:
    """Latents ``(n, c, h, w)`` as tokens ``(n, h * w, c)``."""
    return latents.flatten(2).transpose(1, 2)


def _spots(rows: int, columns: int, picture: int) -> torch.Tensor:
    """Where each token of a picture lies, ``(n, 4)``: picture, row, column, and 0."""
    spots = places(rows, columns, picture=_BETWEEN * picture)
    return torch.nn.functional.pad(spots, (0, 1))


def _word_spots(words: torch.Tensor) -> torch.Tensor:
    """Where each word stands, ``(n, 4)``: in no picture, only behind one another."""
    count = words.shape[1]
    return torch.nn.functional.pad(torch.arange(count, device=words.device)[:, None], (3, 0))


load = loader(Flux2)

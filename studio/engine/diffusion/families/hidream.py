"""HiDream-I1: a transformer of rectified flow with experts, told by four text encoders at once.

Q. Cai et al., "HiDream-I1: a high-efficient image generative foundation model with sparse diffusion
transformer", 2025. Full is guided; Dev and Fast were distilled to paint without guidance in 28 and
16 steps. The largest of the text encoders, a Llama 3.1, is published by its own makers, so that it
comes as a part of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    FlowMatchLCMScheduler,
    HiDreamImagePipeline,
    HiDreamImageTransformer2DModel,
    UniPCMultistepScheduler,
)
from transformers import LlamaModel

from studio.core.errors import ModelError
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions
from studio.engine.diffusion.loading.pipelines import load_tokenizer
from studio.engine.diffusion.loading.single_file import load_module
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import guided, spread
from studio.engine.diffusion.sampling.schedulers import MakeScheduler
from studio.engine.diffusion.sampling.shifting import matching, shift_of, solving
from studio.generation.roles import LLAMA, PIPELINE

_TOKENS: Final = 128


@dataclass(frozen=True)
class HiDreamWords:
    """A prompt that was read.

    Attributes:
        t5: ``(1, tokens, width)``.
        llama: of each layer, ``(layers, 1, tokens, width)``.
        pooled: of both CLIPs, ``(1, width)``.
    """

    t5: torch.Tensor
    llama: torch.Tensor
    pooled: torch.Tensor


class HiDream(AutoencodedLanguageFamily[HiDreamWords]):
    """A loaded HiDream-I1."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (HiDreamImagePipeline,)
    transformer_kind: ClassVar[Any] = HiDreamImageTransformer2DModel
    schedulers: ClassVar[Mapping[str, MakeScheduler]] = {
        "unipc": partial(solving, UniPCMultistepScheduler),
        "flow": partial(matching, FlowMatchEulerDiscreteScheduler),
        "lcm": partial(matching, FlowMatchLCMScheduler),
    }
    remembered: ClassVar[int] = 4
    """A prompt that was read takes some 40 MB: what each layer of the Llama makes of it."""

    def unread(self, prompt: str) -> str:
        """The end that none of the four text encoders reads."""
        pipeline = self._pipeline
        t5, llama = pipeline.tokenizer_3, pipeline.tokenizer_4
        limits = (
            (pipeline.tokenizer, _TOKENS, 1),
            (pipeline.tokenizer_2, _TOKENS, 1),
            (t5, min(_TOKENS, t5.model_max_length), 1),
            (llama, min(_TOKENS, llama.model_max_length), 0),
        )
        ends = (
            unread_end(tokenizer, prompt, prompt, limit, closing=closing)
            for tokenizer, limit, closing in limits
        )
        return min(ends, key=len)

    def _load_pipeline(self, **parts: Any) -> Any:
        return super()._load_pipeline(**self._llama(), **parts)

    def _llama(self) -> dict[str, Any]:
        """The largest text encoder where it lies apart, without its head, which writes."""
        if LLAMA in self._folders:
            folder = self._folders[LLAMA]
            return {
                LLAMA: load_module(LlamaModel, folder, folder, self._machine),
                "tokenizer_4": load_tokenizer(folder),
            }
        if not (self._folders[PIPELINE] / LLAMA).is_dir():
            raise ModelError(
                f"{self._model.title} lacks its Llama 3.1 Instruct, which comes by itself: install "
                "the model again, or save that one as text_encoder_4 and tokenizer_4 in its folder."
            )
        return {}

    def _encode_words(self, text: str, *, wanted: bool = True) -> HiDreamWords:
        t5, _, llama, _, pooled, _ = self._pipeline.encode_prompt(
            text,
            device=self._machine.device,
            do_classifier_free_guidance=False,
            max_sequence_length=_TOKENS,
        )
        return HiDreamWords(t5, llama, pooled)

    @property
    def _most_tokens(self) -> int:
        """Of the pictures that the transformer was trained on."""
        config = self._pipeline.transformer.config
        return int(math.prod(config.max_resolution)) // int(config.patch_size) ** 2

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        """Pictures of all sizes are noised like the largest, if their size counts at all."""
        shift = {}
        if scheduler.config.use_dynamic_shifting:
            shift["mu"] = shift_of({}, self._most_tokens)
        scheduler.set_timesteps(brief.steps, device=self._machine.device, **shift)

    def _predictor(self, brief: Brief, conditions: Conditions[HiDreamWords]) -> Predict:
        transformer = self._pipeline.transformer
        # Pictures that are not square are padded to so many tokens, and cannot have more of them.
        transformer.max_seq = max(self._most_tokens, self._tokens_of(brief))
        said = [conditions.positive]
        if conditions.negative is not None:
            said.insert(0, conditions.negative)
        t5, pooled = (torch.cat([getattr(w, name) for w in said]) for name in ("t5", "pooled"))
        llama = torch.cat([words.llama for words in said], dim=1)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            seen = torch.cat([latents.to(pooled.dtype)] * len(said))
            answers = -transformer(
                hidden_states=seen,
                timesteps=timestep.expand(len(seen)),
                encoder_hidden_states_t5=spread(t5, len(seen)),
                encoder_hidden_states_llama3=llama.repeat_interleave(len(latents), dim=1),
                pooled_embeds=spread(pooled, len(seen)),
                return_dict=False,
            )[0].float()
            return answers if len(said) == 1 else guided(answers, brief.guidance)

        return predict


load = loader(HiDream)

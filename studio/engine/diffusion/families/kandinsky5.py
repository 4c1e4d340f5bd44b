"""Kandinsky 5.0 Image Lite: a transformer of rectified flow whose cells look across at the words.

V. Arkhipkin et al., "Kandinsky 5.0: a family of foundation models for image and video generation",
2025. Words are read by a Qwen 2.5 VL, and as a whole by a CLIP. The editor reads an instruction
together with the picture that is to be changed, and sees that picture's latents as channels beside
its own. The transformers are those of the family's video models, of a single frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from diffusers import Kandinsky5I2IPipeline, Kandinsky5T2IPipeline, Kandinsky5Transformer3DModel
from diffusers.pipelines.kandinsky5.pipeline_kandinsky_t2i import prompt_clean
from PIL import Image

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.flow import Words
from studio.engine.diffusion.bases.instructed import EditorFamily
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions, kind_of
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.latents.autoencoder import UnshiftedAutoencoder
from studio.engine.diffusion.loading.pipelines import load_pipeline, load_tokenizer
from studio.engine.diffusion.prompts.qwen_reader import QwenReader, read_reader
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import contrasted, spread
from studio.generation.catalog import ModelInfo
from studio.generation.roles import PIPELINE

_TOKENS: Final = 512
_CLOSING: Final = 1
"""Tokens that stand behind a prompt."""
_READER: Final = "tokenizer"
"""The folder of what the pipelines call their tokenizer: Qwen's processor."""


class Kandinsky5(EditorFamily[Words], AutoencodedLanguageFamily[Words]):
    """A loaded Kandinsky 5.0 Image Lite, its editor, or both."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (Kandinsky5T2IPipeline, Kandinsky5I2IPipeline)
    transformer_kind: ClassVar[Any] = Kandinsky5Transformer3DModel
    shown_grid = 16

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._autoencoder = UnshiftedAutoencoder(self._pipeline.vae)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the language model does not read."""
        pipeline, read = self._pipeline, prompt_clean(prompt)
        framed = pipeline.prompt_template.format(read)
        limit = _TOKENS + pipeline.prompt_template_encode_start_idx
        return unread_end(pipeline.tokenizer.tokenizer, framed, read, limit, closing=_CLOSING)

    def _load_pipeline(self, **parts: Any) -> Any:
        """The published processor needs torchvision; words need its tokenizer alone."""
        pipeline = super()._load_pipeline(tokenizer=None, **parts)
        pipeline.tokenizer = QwenReader(load_tokenizer(self._folders[PIPELINE] / _READER), None)
        _widen_norms(pipeline.transformer)
        return pipeline

    def _make_editor(self, folder: Path) -> Any:
        kind = kind_of(self._model, folder, (Kandinsky5I2IPipeline,))
        shared = self._shared("text_encoder", "text_encoder_2", "tokenizer_2", "vae")
        editor = load_pipeline(kind, folder, self._machine, tokenizer=None, **shared)
        editor.tokenizer = read_reader(folder / _READER, self._pipeline.tokenizer.tokenizer)
        _widen_norms(editor.transformer)
        return editor

    @property
    def _reads_several(self) -> bool:
        return False

    def _encode_words(self, text: str, *, wanted: bool = True) -> Words:
        read = prompt_clean(text)
        embeds, pooled, _ = self._pipeline.encode_prompt(
            read.removesuffix(self.unread(text)),
            max_sequence_length=_TOKENS,
            device=self._machine.device,
        )
        return Words(embeds, pooled)

    def _encode_instruction(self, text: str, pictures: Sequence[Image.Image]) -> Words:
        embeds, pooled, _ = self._editor.encode_prompt(
            text, list(pictures), device=self._machine.device
        )
        return Words(embeds, pooled)

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        scheduler.set_timesteps(brief.steps, device=self._machine.device)

    def _noise(self, brief: Brief, generator: torch.Generator) -> torch.Tensor:
        """Drawn cell by cell, as the stock pipelines do it."""
        drawn = super()._noise(brief, generator)
        count, channels, rows, columns = drawn.shape
        return drawn.reshape(count, rows, columns, channels).permute(0, 3, 1, 2)

    def _predictor(self, brief: Brief, conditions: Conditions[Words]) -> Predict:
        transformer = self._denoiser(conditions)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            rows, device = len(latents), latents.device
            seen = _beside(latents, conditions.shown) if transformer.visual_cond else latents
            sides = (1, *(side // self.patch for side in latents.shape[2:]))

            def answer(name: str, words: Words) -> torch.Tensor:
                embeds = words.embeds
                with transformer.cache_context(name):
                    frames: torch.Tensor = transformer(
                        hidden_states=seen.to(embeds.dtype).permute(0, 2, 3, 1).unsqueeze(1),
                        encoder_hidden_states=spread(embeds, rows),
                        pooled_projections=spread(words.pooled, rows),
                        timestep=timestep.expand(rows).to(embeds.dtype),
                        visual_rope_pos=[torch.arange(side, device=device) for side in sides],
                        text_rope_pos=torch.arange(embeds.shape[1], device=device),
                        return_dict=False,
                    )
                return frames.squeeze(1).permute(0, 3, 1, 2).float()

            return contrasted(answer, conditions.positive, conditions.negative, brief.guidance)

        return predict


def _widen_norms(transformer: torch.nn.Module) -> None:
    """Has those norms in 32 bits that are asked in 32 bits, which fused kernels want alike."""
    for name, module in transformer.named_modules():
        if name.endswith(("query_norm", "key_norm")):
            module.float()


def _beside(latents: torch.Tensor, shown: Sequence[torch.Tensor]) -> torch.Tensor:
    """Latents ``(n, 2c + 1, h, w)``: with those of what is shown, and whether anything is."""
    picture = spread(shown[0], len(latents)) if shown else torch.zeros_like(latents)
    is_shown = torch.full_like(latents[:, :1], float(bool(shown)))
    return torch.cat([latents, picture, is_shown], dim=1)


load = loader(Kandinsky5)

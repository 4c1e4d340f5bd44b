"""Qwen-Image: a transformer of rectified flow that writes as well as it paints.

C. Wu et al., "Qwen-Image technical report", 2025. Qwen-Image-Edit reads the pictures that are to
be changed twice: as its language model sees them, and as latents beside those that it paints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

import torch
from diffusers import (
    QwenImageEditPipeline,
    QwenImageEditPlusPipeline,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
)
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.chat import unread_end
from studio.engine.diffusion.denoise import Predict
from studio.engine.diffusion.families.language import (
    PIPELINE,
    TIMESTEPS,
    TRANSFORMER,
    Conditions,
    LanguageFamily,
    kind_of,
)
from studio.engine.diffusion.families.qwen_reader import PICTURE, read_reader
from studio.engine.diffusion.family import Brief
from studio.engine.diffusion.loading import load_pipeline, loading
from studio.engine.diffusion.machine import Machine
from studio.engine.diffusion.packing import packed, unpacked
from studio.engine.diffusion.references import extent_of, of_area, scaled
from studio.engine.diffusion.remembered import Remembered
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.request import Digest

EDIT: Final = "edit"

_EDITORS: Final = (QwenImageEditPipeline, QwenImageEditPlusPipeline)
_SHARED: Final = ("text_encoder", "tokenizer", "vae")
_GRID: Final = 32
_GLANCE: Final = 384
"""Side of the area at which the language model of an editor of several pictures sees each."""

_INSTRUCTIONS: Final = 4

Shape: TypeAlias = tuple[int, int, int]
"""Of latents in tokens: one frame, rows, columns."""

Instruction: TypeAlias = tuple[str, tuple[Digest, ...]]
"""A text, and the pictures that are read with it."""


class QwenImage(LanguageFamily[torch.Tensor]):
    """A loaded Qwen-Image, Qwen-Image-Edit, or both, of which one encoder serves both.

    Words are ``(1, tokens, width)``. The editor is loaded when it is first needed.
    """

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (QwenImagePipeline, *_EDITORS)
    transformer_kind: ClassVar[Any] = QwenImageTransformer2DModel

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        base = {PIPELINE: parts[EDIT]} if PIPELINE not in parts else {}
        super().__init__(model, {**parts, **base}, machine)
        self._editor: Any = None
        self._instructions: Remembered[Instruction, torch.Tensor] = Remembered(_INSTRUCTIONS)

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """The painter's, and the editor's once it is loaded."""
        return (self._pipeline,) if self._editor is None else (self._pipeline, self._editor)

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """The sources read and seen by the editor; the older one looks at the first alone."""
        if EDIT not in self._folders:
            return super().edit(brief, sources, desk)
        if len(sources) > 1 and not _reads_several(self._load_editor()):
            desk.note(f"{self._model.title} looks at one picture: the others are left out.")
            sources = sources[:1]
        conditions = self._instructed(brief, sources, desk)
        return self._painted(brief, self._predictor(brief, conditions), None, 1.0, desk)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """Something like the source, as the editor reads and sees it; else the source repainted.

        Below strength 1 it starts from the source's noised latents, so that it keeps its layout.
        """
        if EDIT not in self._folders:
            return super().variation(brief, source, strength, desk)
        conditions = self._instructed(brief, [source], desk)
        return self._varied(brief, conditions, source, strength, desk)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        pipeline = self._pipeline
        framed = pipeline.prompt_template_encode.format(prompt)
        limit = pipeline.tokenizer_max_length + pipeline.prompt_template_encode_start_idx
        return unread_end(pipeline.tokenizer, framed, prompt, limit)

    @property
    def _factor(self) -> int:
        return int(2 ** len(self._pipeline.vae.temperal_downsample))

    @property
    def _channels(self) -> int:
        channels: int = self._pipeline.vae.config.z_dim
        return channels

    def _kind_in(self, folder: Path) -> Any:
        """A painter, also where the folder holds an editor."""
        super()._kind_in(folder)
        return QwenImagePipeline

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._pipeline.encode_prompt(text, device=self._machine.device)
        return embeds

    def _is_guided(self, brief: Brief) -> bool:
        return brief.guidance > 1

    def _forget_words(self) -> None:
        super()._forget_words()
        self._instructions.clear()

    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        """The painter, or the editor, which sees what is shown behind its own latents.

        Guidance keeps the magnitude of each token of the answer to what is wanted.
        """
        shown = conditions.shown
        transformer = (self._load_editor() if shown else self._pipeline).transformer
        positive, negative = conditions.positive, conditions.negative
        guidance = torch.full([1], brief.guidance, device=positive.device)
        behind = [packed(latents).to(positive.dtype) for latents in shown]
        shapes = [_shape(latents) for latents in shown]

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            painted = packed(latents).to(positive.dtype)

            def answer(name: str, words: torch.Tensor) -> torch.Tensor:
                with transformer.cache_context(name):
                    tokens: torch.Tensor = transformer(
                        hidden_states=torch.cat([painted, *behind], dim=1),
                        timestep=timestep.reshape(1) / TIMESTEPS,
                        guidance=guidance if transformer.config.guidance_embeds else None,
                        encoder_hidden_states=words,
                        img_shapes=[[_shape(latents), *shapes]],
                        return_dict=False,
                    )[0]
                return tokens[:, : painted.shape[1]].float()

            velocity = answer("cond", positive)
            if negative is not None:
                unwanted = answer("uncond", negative)
                velocity = _guided(velocity, unwanted, brief.guidance)
            return unpacked(velocity, *latents.shape[2:])

        return predict

    def _instructed(
        self, brief: Brief, sources: Sequence[Pixels], desk: Desk
    ) -> Conditions[torch.Tensor]:
        """The instruction, and what is not wanted, read together with the pictures."""
        desk.phase(Phase.PROMPT)
        self._load_editor()
        seen = [self._seen(source, brief.extent) for source in sources]
        content = tuple(Picture.from_array(pixels).digest for pixels in seen)

        def read(text: str) -> torch.Tensor:
            return self._instructions.get(
                (text, content), lambda: self._read_with(text, seen, desk)
            )

        positive = read(brief.prompt)
        negative = read(brief.negative_prompt) if self._is_guided(brief) else None
        shown = tuple(self._encoded(self._sized(source, brief.extent)) for source in sources)
        return Conditions(positive, negative, shown)

    @torch.inference_mode()
    def _read_with(self, text: str, seen: Sequence[Pixels], desk: Desk) -> torch.Tensor:
        read = text.removesuffix(self.unread(text)).replace(PICTURE, "")
        pictures = [Image.fromarray(pixels) for pixels in seen]
        embeds: torch.Tensor
        embeds, _ = self._editor.encode_prompt(read, pictures, device=self._machine.device)
        desk.step(Phase.PROMPT, 1, 1, units=self.reading)
        return embeds

    def _seen(self, source: Pixels, painted: Extent) -> Pixels:
        """A source as the editor's language model sees it."""
        if not _reads_several(self._editor):
            return self._sized(source, painted)
        side = min(_GLANCE, self._model.native_size)
        return scaled(source, of_area(extent_of(source), side**2, _GRID))

    def _sized(self, source: Pixels, painted: Extent) -> Pixels:
        """A source at the size at which its latents are shown; the first one's is that already."""
        if extent_of(source) == painted:
            return source
        area = self._model.native_size**2
        return scaled(source, of_area(extent_of(source), area, _GRID))

    def _load_editor(self) -> Any:
        """The editor, with the painter's encoder and autoencoder.

        Raises:
            ModelError: if the part is no editor.
        """
        if self._editor is None:
            folder = self._folders[EDIT]
            with loading(self._model):
                kind = kind_of(self._model, folder, _EDITORS)
                names = _SHARED if folder != self._folders[PIPELINE] else (*_SHARED, TRANSFORMER)
                shared = {name: getattr(self._pipeline, name) for name in names}
                editor = load_pipeline(kind, folder, self._machine, processor=None, **shared)
                editor.processor = read_reader(folder, editor.tokenizer)
            self._editor = editor
        return self._editor

    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        mean, deviation = self._statistics(planes)
        frames = self._pipeline.vae.encode(planes.unsqueeze(2)).latent_dist.mode()
        latents: torch.Tensor = (frames.squeeze(2) - mean) / deviation
        return latents

    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        mean, deviation = self._statistics(latents)
        plain = (latents * deviation + mean).to(self._pipeline.vae.dtype)
        planes: torch.Tensor = self._pipeline.vae.decode(plain.unsqueeze(2), return_dict=False)[0]
        return planes.squeeze(2)

    def _statistics(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean and the deviation of each channel of the autoencoder's latents."""
        config = self._pipeline.vae.config
        mean, deviation = (
            torch.tensor(values).view(1, -1, 1, 1).to(like)
            for values in (config.latents_mean, config.latents_std)
        )
        return mean, deviation


def load(model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> QwenImage:
    """Loads the painter, which is the editor where there is nothing else.

    Raises:
        ModelError: if a part is no such model, or its weights cannot be read.
    """
    with loading(model):
        return QwenImage(model, parts, machine)


def _reads_several(editor: Any) -> bool:
    return isinstance(editor, QwenImageEditPlusPipeline)


def _shape(latents: torch.Tensor) -> Shape:
    rows, columns = (side // 2 for side in latents.shape[2:])
    return (1, rows, columns)


def _guided(wanted: torch.Tensor, unwanted: torch.Tensor, guidance: float) -> torch.Tensor:
    """Classifier-free guidance that leaves each token as large as it was."""
    combined = unwanted + guidance * (wanted - unwanted)
    size = torch.linalg.vector_norm(wanted, dim=-1, keepdim=True)
    scale: torch.Tensor = size / torch.linalg.vector_norm(combined, dim=-1, keepdim=True)
    return combined * scale

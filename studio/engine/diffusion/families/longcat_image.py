"""LongCat-Image: a small transformer of rectified flow that writes in two languages.

Meituan LongCat Team, "LongCat-Image technical report", 2025. What stands in quotes is read letter
by letter, so that it can be written. LongCat-Image-Edit reads the picture that is to be changed at
half its size, and sees its latents beside those that it paints. Prompts are read as they are
written: the makers' own demonstration has the language model rewrite them first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from diffusers import LongCatImageEditPipeline, LongCatImagePipeline, LongCatImageTransformer2DModel
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.instructed import EditorFamily
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions, kind_of
from studio.engine.diffusion.latents.packing import PATCH, packed, places, places_of_words, unpacked
from studio.engine.diffusion.loading.pipelines import load_pipeline
from studio.engine.diffusion.prompts.pictures import scaled
from studio.engine.diffusion.prompts.quoting import pieces_of, unread_pieces
from studio.engine.diffusion.prompts.qwen_reader import VISION, read_reader
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict
from studio.engine.diffusion.sampling.guidance import as_large_at_most, contrasted, spread


class LongCatImage(EditorFamily[torch.Tensor], AutoencodedLanguageFamily[torch.Tensor]):
    """A loaded LongCat-Image, LongCat-Image-Edit, or both. Words are ``(1, tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (LongCatImagePipeline, LongCatImageEditPipeline)
    transformer_kind: ClassVar[Any] = LongCatImageTransformer2DModel
    shown_grid = 16

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        limit: int = self._pipeline.tokenizer_max_length
        return unread_pieces(self._pipeline.tokenizer, prompt, limit)

    def _load_pipeline(self, **parts: Any) -> Any:
        """The published processor needs torchvision; words need the tokenizer alone."""
        return super()._load_pipeline(text_processor=None, **parts)

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        return self._heard(self._pipeline.prompt_template_encode_prefix, text)

    def _encode_instruction(self, text: str, pictures: Sequence[Image.Image]) -> torch.Tensor:
        """The words, behind what the language model makes of the picture."""
        frame, seen = self._editor.text_processor.shown(
            self._editor.prompt_template_encode_prefix, pictures
        )
        patches = {name: values.to(self._machine.device) for name, values in seen.items()}
        return self._heard(frame, text, **patches)

    def _heard(self, frame: str, text: str, **seen: torch.Tensor) -> torch.Tensor:
        """What the language model makes of a text, and of the picture in the frame before it."""
        pipeline = self._pipeline
        tokenizer, limit = pipeline.tokenizer, pipeline.tokenizer_max_length

        def tokens_of(piece: str) -> list[int]:
            tokens: list[int] = tokenizer(piece, add_special_tokens=False, verbose=False).input_ids
            return tokens

        words = [token for piece in pieces_of(text) for token in tokens_of(piece)][:limit]
        padded = tokenizer.pad({"input_ids": [words]}, max_length=limit, padding="max_length")
        before, after = tokens_of(frame), tokens_of(pipeline.prompt_template_encode_suffix)
        tokens = [*before, *padded["input_ids"][0], *after]
        mask = [*[1] * len(before), *padded["attention_mask"][0], *[1] * len(after)]
        start = before.index(tokenizer.convert_tokens_to_ids(VISION)) if seen else len(before)
        answer = pipeline.text_encoder(
            input_ids=torch.tensor([tokens], device=self._machine.device),
            attention_mask=torch.tensor([mask], device=self._machine.device),
            output_hidden_states=True,
            **seen,
        )
        embeds: torch.Tensor = answer.hidden_states[-1][:, start : -len(after)]
        return embeds

    def _make_editor(self, folder: Path) -> Any:
        kind_of(self._model, folder, (LongCatImageEditPipeline,))
        shared = self._shared("text_encoder", "tokenizer", "vae")
        reader = read_reader(folder / "text_processor", self._pipeline.tokenizer)
        return load_pipeline(
            LongCatImageEditPipeline, folder, self._machine, text_processor=reader, **shared
        )

    @property
    def _reads_several(self) -> bool:
        return False

    def _seen(self, source: Pixels, painted: Extent) -> Pixels:
        return scaled(source, Extent(painted.width // 2, painted.height // 2))

    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        """The painter, or the editor, which sees what is shown behind its own latents.

        Guidance makes no token of the painter's answer larger than that of what is wanted.
        """
        transformer = self._denoiser(conditions)
        positive, negative, shown = conditions.positive, conditions.negative, conditions.shown
        rescale = None if shown else as_large_at_most
        behind = [packed(latents).to(positive.dtype) for latents in shown]
        extent = brief.extent.height // self._factor, brief.extent.width // self._factor
        sizes = [extent, *((latents.shape[2], latents.shape[3]) for latents in shown)]

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            painted = packed(latents).to(positive.dtype)
            seen = torch.cat([painted, *(spread(each, len(painted)) for each in behind)], dim=1)

            def answer(name: str, words: torch.Tensor) -> torch.Tensor:
                with transformer.cache_context(name):
                    tokens: torch.Tensor = transformer(
                        hidden_states=seen,
                        timestep=timestep.expand(len(seen)) / TIMESTEPS,
                        encoder_hidden_states=spread(words, len(seen)),
                        txt_ids=places_of_words(words.shape[1]).to(words.device),
                        img_ids=_places_behind(words, sizes),
                        return_dict=False,
                    )[0]
                return tokens[:, : painted.shape[1]].float()

            velocity = contrasted(answer, positive, negative, brief.guidance, rescale)
            return unpacked(velocity, *latents.shape[2:])

        return predict


def _places_behind(words: torch.Tensor, sizes: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Where each token of pictures lies, ``(n, 3)``, whose latents have these rows and columns."""
    first = words.shape[1]
    found = [
        places(rows // PATCH, columns // PATCH, picture=number, top=first, left=first)
        for number, (rows, columns) in enumerate(sizes, start=1)
    ]
    return torch.cat(found).to(words.device)


load = loader(LongCatImage)

"""The options that all commands that make pictures share."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, Token

from studio.cli.guides import read_control, read_reference
from studio.core.errors import PictureError, RequestError
from studio.core.geometry import Extent
from studio.files.writing import format_of
from studio.generation.adapters import adapter_named, loras_named, parse_tag, without_tags
from studio.generation.catalog import Catalog, ModelInfo
from studio.generation.edits import Settings
from studio.generation.enlarging import upscaler_named
from studio.generation.guides import GuidePicture
from studio.generation.memory import MemoryMode
from studio.generation.request import MAX_COUNT, MAX_SEED

DEFAULT_SIDE = 256
"""Pixels a side of a picture where nothing is said, unless the model's native size is larger."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Options:
    """What can be said of any picture to be made."""

    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None
    """The file to write; its suffix says the format. Several become NAME-1, NAME-2 and so on.
Without it only the gallery keeps the picture, and its file there is printed."""

    count: Annotated[int, Parameter(name=("--count", "-n"))] = 1
    """How many pictures, 1 to 10."""

    seed: int | None = None
    """Seed of the first picture, the next has one more; chosen at random where it is not given."""

    model: str | None = None
    """Id of the model, from "sfumato models list"."""

    negative: str = ""
    """What the picture should not show."""

    steps: int | None = None
    """Denoising steps; the model's own number where it is not given."""

    guidance: float | None = None
    """How closely to follow the prompt; the model's own number where it is not given."""

    lora: Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=False)] = ()
    """A LoRA that the model wears, as ID or ID:WEIGHT; may be given several times. A prompt may
name it too: <lora:ID:WEIGHT>."""

    control: Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=False)] = ()
    """A picture whose shapes a ControlNet follows, as ID=PICTURE or ID=PICTURE:WEIGHT; may be given
several times. ID/PREPROCESSOR=PICTURE prepares it otherwise than the ControlNet's own way: canny,
depth, pose, scribble, tile, invert, or none where the picture is what the ControlNet reads. A
ControlNet of several kinds is told that by ID/as-KIND=PICTURE."""

    reference: Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=False)] = ()
    """A picture whose content or style an IP-Adapter takes up, as ID=PICTURE or ID=PICTURE:WEIGHT;
may be given several times. As PICTURE alone it is shown to a model that changes pictures as it is
told, beside the one that is changed."""

    upscaler: str | None = None
    """Id of the upscaler that takes pictures beyond the model's own size, or of a model that has
one; the model's own where it is not given."""

    vae: str | None = None
    """Id of the autoencoder that the model works with in the place of its own."""

    rank: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Score each picture against the prompt, and print the best first."""

    memory: MemoryMode | None = None
    """How the model is fitted into memory: all of it on the GPU (full), its parts, blocks or single
layers waiting outside (balanced, low, lowest: slower each), with halved weights (halved), or what
fits (auto)."""

    together: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Paint as many pictures at a time as the memory takes, which is faster with small models and
on many GPUs; they differ by rounding from those painted one by one."""

    json: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Print one JSON object a line for each picture."""

    def chosen_model(self, catalog: Catalog) -> ModelInfo:
        """The model that was asked for, or the default."""
        return catalog.default if self.model is None else catalog.get(self.model)

    def settings(
        self, catalog: Catalog, model: ModelInfo, prompt: str, strength: float = 1.0
    ) -> Settings:
        """The settings of a request.

        Raises:
            RequestError: if a text is not valid, or names an adapter that is not there.
            PictureError: if a picture that is to guide cannot be read.
        """
        for name, text in (("prompt", prompt), ("negative prompt", self.negative)):
            if not text.isprintable() and not _is_unicode(text):
                raise RequestError(f"The {name} is not valid UTF-8 text: check the terminal.")
        words, tags = without_tags(prompt)
        tags += map(parse_tag, self.lora)
        return Settings(
            model=model.id,
            prompt=words,
            negative_prompt=self.negative,
            seed=secrets.randbelow(MAX_SEED + 1) if self.seed is None else self.seed,
            count=self.count,
            steps=self.steps,
            guidance=self.guidance,
            rank=self.rank,
            vae=self._vae(catalog, model),
            upscaler=upscaler_named(self.upscaler, catalog).id if self.upscaler else "",
            strength=strength,
            loras=loras_named(tags, catalog.adapters, model.family),
            guides=tuple(self._guides(catalog, model)),
        )

    def _vae(self, catalog: Catalog, model: ModelInfo) -> str:
        if self.vae is None:
            return ""
        return adapter_named(self.vae, "vae", catalog.adapters, model.family).id

    def _guides(self, catalog: Catalog, model: ModelInfo) -> Iterator[GuidePicture]:
        for text in self.control:
            yield read_control(text, catalog.adapters, model.family)
        for text in self.reference:
            yield read_reference(text, catalog.adapters, model.family)

    def targets(self) -> list[Path] | None:
        """The files to write, one for each picture; None where only the gallery keeps them.

        Raises:
            PictureError: if the format is unknown, or the folder is not there or not writable.
        """
        if self.output is None:
            return None
        format_of(self.output)
        if not self.output.parent.is_dir():
            raise PictureError(
                f"{self.output} cannot be written because the folder {self.output.parent} does "
                "not exist: make it first."
            )
        if not os.access(self.output.parent, os.W_OK):
            raise PictureError(
                f"{self.output} cannot be written because writing into {self.output.parent} is "
                "not allowed: choose another place."
            )
        if self.count <= 1:
            return [self.output]
        stem, suffix = self.output.stem, self.output.suffix
        return [
            self.output.with_name(f"{stem}-{k}{suffix}")
            for k in range(1, min(self.count, MAX_COUNT) + 1)
        ]


def parse_size(_: type, tokens: Sequence[Token]) -> Extent:
    """``WxH`` as an extent; whether it can be made is decided later."""
    found = re.fullmatch(r"(\d{1,9})\s*[xX×]\s*(\d{1,9})", tokens[0].value.strip())
    if found is None:
        raise ValueError(f'"{tokens[0].value}" is not a size such as 512x768.')
    return Extent(int(found[1]), int(found[2]))


Size = Annotated[Extent | None, Parameter(converter=parse_size, n_tokens=1, accepts_keys=False)]
"""A size such as 512x768."""


def default_size(model: ModelInfo) -> Extent:
    """The size of a picture where none is given."""
    side = max(DEFAULT_SIDE, model.native_size)
    return Extent(side, side)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""What a family of models is to the rest of the engine: one small adapter behind one protocol.

A family paints at sizes of its own choosing that `studio.engine.diffusion.workflow` picks from the
model's grid; crops, scaling and stitching are none of its business. Pixels are ``(h, w, 3)`` uint8
sRGB arrays here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.pipelines import loading
from studio.engine.diffusion.sampling.batch import Batch
from studio.generation.catalog import AdapterInfo, ModelInfo


class Unsound(Exception):
    """The result holds no picture: numbers that are none, or nothing but black.

    In a safer precision the same model may well give one.
    """


@dataclass(frozen=True)
class Brief:
    """One picture to be painted.

    Attributes:
        prompt, negative_prompt: as the person wrote them; the prompt may be empty where there is
            a source to go by.
        seed: decides everything that is left to chance.
        extent: of the result; a size of the model's own.
        steps, guidance, scheduler: of the denoising.
        controls: pictures of that extent whose shapes are followed.
        references: pictures of any extent whose content or style is taken up.
        batch: what it is painted together with, this one included; None where it is alone.
    """

    prompt: str
    negative_prompt: str
    seed: int
    extent: Extent
    steps: int
    guidance: float
    scheduler: str
    controls: tuple[Guiding, ...] = ()
    references: tuple[Guiding, ...] = ()
    batch: Batch | None = None

    @property
    def seeds(self) -> tuple[int, ...]:
        """Of all pictures that are painted together."""
        return (self.seed,) if self.batch is None else self.batch.seeds


class Family(Protocol):
    """A loaded model. Its methods report steps to the desk, which raises when the job is to end.

    Every painting method raises `Unsound` where the result is no picture, and RequestError for a
    scheduler that the family does not have. The catalog says which of the tasks a model can do:
    the others are not asked for.
    """

    tiled: bool
    """Whether pictures are encoded and decoded in tiles, for want of memory."""

    @property
    def paints_together(self) -> bool:
        """Whether it has use for a brief's batch; else it paints each picture by itself."""

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """The stock pipelines that hold its modules, those loaded so far."""

    @property
    def ranks(self) -> bool:
        """Whether it can tell how well pictures fit words; else `similarity` raises ModelError."""

    def wear(self, loras: Sequence[Worn]) -> None:
        """Puts these LoRAs on for what is painted from now on, and takes all others off.

        Raises:
            ModelError: if one does not fit, or the family takes none.
        """

    def learn(self, words: Sequence[AdapterInfo]) -> Sequence[AdapterInfo]:
        """Knows these textual inversions in prompts from now on, and no others.

        Returns:
            Those that do not fit it.

        Raises:
            ModelError: if one cannot be read.
        """

    def effort(self, steps: int) -> float:
        """What a picture takes, in denoising steps, of which it makes ``steps``."""

    def text_to_image(self, brief: Brief, desk: Desk) -> Pixels:
        """A picture from words."""

    def image_to_image(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """A source of the brief's extent repainted; the more, the greater the strength, 0 to 1."""

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """A picture with the source's content; at strength 0 also with nearly its pixels."""

    def inpaint(
        self, brief: Brief, source: Pixels, mask: Picture, strength: float, desk: Desk
    ) -> Pixels:
        """What is masked repainted.

        Args:
            brief: what to paint.
            source: of the brief's extent, with the pre-fill under the mask.
            mask: ``L``, of the same extent; 255 = repaint, between = partly.
            strength: 1 starts from nothing, less from the pre-fill.
            desk: for reports.
        """

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """The first source changed as the prompt says, perhaps with what the others show.

        Args:
            brief: its prompt is an instruction, such as "make the sky pink".
            sources: at least one; the first is of the brief's extent, the others of any.
            desk: for reports.
        """

    def similarity(self, prompt: str, pictures: Sequence[Pixels]) -> list[float]:
        """CLIP's cosine similarity of a text and pictures of any sizes, -1 to 1 each."""

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the model does not read; empty where it reads all of it."""


AnyFamily = TypeVar("AnyFamily", bound=Family)

Loader: TypeAlias = Callable[[ModelInfo, Mapping[str, Path], Machine], AnyFamily]
"""Loads a model whose parts lie in these folders, named by role.

It raises ModelError where a part is no such model, or its weights cannot be read.
"""


def loader(load: Loader[AnyFamily]) -> Loader[AnyFamily]:
    """A loader, such as a family's class, with what the libraries raise put in plain words."""

    def told(model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> AnyFamily:
        with loading(model):
            return load(model, parts, machine)

    return told

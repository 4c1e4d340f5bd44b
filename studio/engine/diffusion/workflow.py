"""How each kind of request is painted: at which size, from what, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.core.errors import RequestError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.bases.family import Brief, Family
from studio.engine.diffusion.prompts.pictures import covering, on_white
from studio.generation.catalog import ModelInfo
from studio.generation.preparation import (
    ModelInput,
    model_extent,
    prepare_for_model,
    restore_size,
    to_bytes,
)
from studio.generation.request import (
    Attachments,
    Generation,
    ImageToImage,
    Inpaint,
    InstructionEdit,
    TextToImage,
    Variation,
)
from studio.generation.stitch import finish_patch


@dataclass(frozen=True)
class Workflow:
    """How one request is painted.

    Attributes:
        extent: at which the model paints.
        share: of the steps that are made.
        paint: from a brief to pixels of that extent.
        fit: brings a picture of the request's extent to where the model sees it.
        finish: from these, or the same ones enlarged, to the candidate's picture.
        enlarges: by how much the candidate is larger than what is painted.
        controls, references: what guides it, as in `Brief`.
    """

    extent: Extent
    share: float
    paint: Callable[[Brief], Pixels]
    fit: Callable[[Pixels], Pixels]
    finish: Callable[[Pixels], Picture]
    enlarges: float
    controls: tuple[Guiding, ...] = ()
    references: tuple[Guiding, ...] = ()


class Workflows:
    """Makes workflows for one loaded model.

    Args:
        model: from the catalog.
        family: the loaded model.
        attachments: the requests' pictures.
        desk: takes what the family reports.
    """

    def __init__(
        self, model: ModelInfo, family: Family, attachments: Attachments, desk: Desk
    ) -> None:
        self._model = model
        self._family = family
        self._attachments = attachments
        self._desk = desk

    def of(self, request: Generation) -> Workflow:
        """How a request is painted.

        Raises:
            RequestError: if its pictures do not fit.
        """
        if isinstance(request, TextToImage):
            return self._from_words(request)
        if isinstance(request, Inpaint):
            return self._from_mask(request)
        return self._from_source(request)

    def _from_words(self, request: TextToImage) -> Workflow:
        """The model's nearest size, then scaled to cover what was asked for."""
        extent = model_extent(request.extent, self._model.native_size, self._model.grid)
        return Workflow(
            extent,
            share=1.0,
            paint=lambda brief: self._family.text_to_image(brief, self._desk),
            fit=lambda pixels: covering(pixels, extent),
            finish=lambda pixels: Picture.from_array(covering(pixels, request.extent)),
            enlarges=max(request.width / extent.width, request.height / extent.height),
        )

    def _from_source(self, request: ImageToImage | Variation | InstructionEdit) -> Workflow:
        """The source brought to the model's size as a whole, and the answer back."""
        pixels = covering(on_white(self._attachments[request.source]), request.extent)
        prepared = self._prepared(pixels)
        return Workflow(
            prepared.picture.extent,
            share=1.0 if isinstance(request, InstructionEdit) else request.strength,
            paint=self._repaint(request, prepared.picture.rgb()),
            fit=self._as_seen,
            finish=lambda answer: Picture.from_array(
                to_bytes(restore_size(Picture.from_array(answer), prepared))
            ),
            enlarges=request.width / prepared.content.width,
        )

    def _prepared(self, pixels: Pixels) -> ModelInput:
        """A picture without a mask, brought to the model's size."""
        source = Picture.from_array(pixels)
        nothing = Picture.from_array(np.zeros(pixels.shape[:2], np.uint8))
        native, grid = self._model.native_size, self._model.grid
        return prepare_for_model(source, nothing, native, grid, "none")

    def _as_seen(self, pixels: Pixels) -> Pixels:
        return self._prepared(pixels).picture.rgb()

    def _repaint(
        self, request: ImageToImage | Variation | InstructionEdit, seen: Pixels
    ) -> Callable[[Brief], Pixels]:
        """What the family does with a source that it sees at its own size."""
        if isinstance(request, InstructionEdit):
            pictures = [
                self._attachments[reference.picture]
                for reference in request.references
                if not reference.adapter
            ]
            sources = [seen, *map(on_white, pictures)]
            return lambda brief: self._family.edit(brief, sources, self._desk)
        variation = isinstance(request, Variation)
        repaint = self._family.variation if variation else self._family.image_to_image
        return lambda brief: repaint(brief, seen, request.strength, self._desk)

    def _from_mask(self, request: Inpaint) -> Workflow:
        """The context filled in and brought to the model's size, and the answer stitched in."""
        source, mask = self._attachments[request.source], self._attachments[request.mask]
        _check_mask(request, source, mask)
        prepared = prepare_for_model(
            source, mask, self._model.native_size, self._model.grid, request.fill
        )
        seen = prepared.picture.rgb()
        return Workflow(
            prepared.picture.extent,
            share=request.strength,
            paint=lambda brief: self._family.inpaint(
                brief, seen, prepared.mask, request.strength, self._desk
            ),
            fit=self._as_seen,
            finish=lambda answer: finish_patch(
                Picture.from_array(answer), prepared, source, mask, request.feather
            ),
            enlarges=request.width / prepared.content.width,
        )


def _check_mask(request: Inpaint, source: Picture, mask: Picture) -> None:
    if source.extent != request.extent:
        raise RequestError(
            f"The picture is {source.extent} but {request.extent} is asked for: "
            "ask for the picture's own size."
        )
    if mask.mode != "L":
        raise RequestError("The mask has colours: give one of grey values.")
    if not mask.array().any():
        raise RequestError("Nothing is masked: paint over what should change first.")

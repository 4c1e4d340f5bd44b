"""From a request to its candidates, with any family of models.

What is the same for all families happens here: the model's size is chosen, pictures are brought to
it and back, patches are stitched, candidates scored and sent. One candidate is painted after the
other, so that each has the pixels of a single request with its seed, and the first is seen soon;
where the person wants them together, they are only developed one by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from studio.core.errors import RequestError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.estimators import AIDES
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.preprocessors import PREPROCESSORS
from studio.engine.diffusion.bases.family import Brief, Family
from studio.engine.diffusion.sampling.batch import Batch
from studio.engine.diffusion.sampling.denoise import start_of
from studio.engine.diffusion.upscalers.upscaler import Watch
from studio.engine.protocol import Candidate, Phase, Scored
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.preparation import (
    ModelInput,
    model_extent,
    prepare_for_model,
    resized,
    restore_size,
    to_bytes,
)
from studio.generation.request import (
    Attachments,
    Generation,
    ImageToImage,
    Inpaint,
    InstructionEdit,
    Ranking,
    TextToImage,
    Variation,
)
from studio.generation.stitch import finish_patch


@dataclass(frozen=True)
class _Easel:
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


class Enlarger(Protocol):
    """What takes pictures to a larger size; see `studio.engine.diffusion.upscalers.upscaler`."""

    def enlarge(self, pixels: Pixels, factor: float, watch: Watch) -> Pixels:
        """The picture at least ``factor`` times as large; unchanged up to 1."""


class Painter:
    """Runs requests with one loaded model.

    Args:
        model: from the catalog.
        family: the loaded model.
        desk: takes events.
        attachments: the request's pictures.
        upscaler: takes pictures beyond the model's size; without one they are interpolated.
        adapters: those that look at the request's controls and references, by their ids.
        estimators: by the preprocessors that they stand for, installed or not.
        estimate: from an installed estimator, a picture, and perhaps an estimator that helps it,
            to what it sees, of the same extent; needed where there is one.
        together: how many candidates may be denoised at a time.
    """

    def __init__(
        self,
        model: ModelInfo,
        family: Family,
        desk: Desk,
        attachments: Attachments,
        upscaler: Enlarger | None = None,
        adapters: Mapping[str, AdapterInfo] | None = None,
        estimators: Mapping[str, AdapterInfo] | None = None,
        estimate: Callable[[AdapterInfo, Pixels, AdapterInfo | None], Pixels] | None = None,
        *,
        together: int = 1,
    ) -> None:
        self._model = model
        self._family = family
        self._desk = desk
        self._attachments = attachments
        self._upscaler = upscaler
        self._adapters = adapters or {}
        self._estimators = estimators or {}
        self._estimate = estimate
        self._together = together
        self._batch = Batch([])
        self.sent = 0
        """How many candidates are sent."""

    @property
    def together(self) -> int:
        """How many candidates are being denoised; 0 before and after that."""
        return 0 if self._batch.is_painted else len(self._batch.seeds)

    def rank(self, request: Ranking) -> None:
        """Scores the pictures."""
        self._desk.plan(len(request.pictures))
        scores = []
        for index, digest in enumerate(request.pictures, start=1):
            self._desk.phase(Phase.RANKING)
            scores += self._family.similarity(
                request.prompt, [_on_white(self._attachments[digest])]
            )
            self._desk.step(Phase.RANKING, index, len(request.pictures))
        self._desk.send(Scored(job_id=self._desk.job_id, scores=tuple(scores)))

    def paint(self, request: Generation, first: int = 0) -> None:
        """Sends the candidates from the ``first`` on.

        Raises:
            RequestError: if the request's values or pictures do not fit.
            Unsound: if the model gives no picture in this precision.
        """
        self.sent = first
        if isinstance(request, ImageToImage) and request.strength == 0:
            self._send_source(request, first)
            return
        easel = self._guided(self._easel(request), request)
        steps = self._steps(request)
        made = steps - start_of(steps, easel.share)
        self._desk.plan(request.count * self._family.effort(made))
        self._desk.reach(first / request.count)
        if easel.enlarges > 1.01:
            self._desk.note(
                f"{self._model.title} paints at {_size(easel.extent)}; "
                f"enlarged to {request.extent}."
            )
        while self.sent < request.count:
            self._send_batch(request, easel)
        self._desk.phase(Phase.FINISHING)

    def _send_batch(self, request: Generation, easel: _Easel) -> None:
        """Sends the next candidates, of which the first has all denoised."""
        end = min(self.sent + self._at_once(easel), request.count)
        indices = range(self.sent, end)
        self._batch = Batch([request.seed_of(index) for index in indices])
        for index in indices:
            self._send_candidate(request, easel, index)
            self.sent = index + 1
            self._desk.reach(self.sent / request.count)

    def _at_once(self, easel: _Easel) -> int:
        """How many candidates are denoised together: one where pictures guide it, or it must."""
        is_alone = easel.controls or easel.references or not self._family.paints_together
        return 1 if is_alone else self._together

    def _send_candidate(self, request: Generation, easel: _Easel, index: int) -> None:
        desk, batch = self._desk, self._batch
        begun, shared = time.monotonic(), batch.seconds
        desk.candidate(index)
        desk.phase(Phase.PREPARING)
        pixels = easel.paint(self._brief(request, easel, index))
        desk.phase(Phase.FINISHING)
        picture = easel.finish(self._enlarged(pixels, easel.enlarges))
        score = self._score(request, pixels)
        desk.check()
        own = time.monotonic() - begun - (batch.seconds - shared)
        desk.send(
            Candidate(
                job_id=desk.job_id,
                index=index,
                seed=request.seed_of(index),
                picture=picture,
                score=score,
                seconds=own + batch.share,
            )
        )

    def _enlarged(self, pixels: Pixels, factor: float) -> Pixels:
        """Taken through the upscaler's networks, where there is one."""
        if self._upscaler is None:
            return pixels
        return self._upscaler.enlarge(pixels, factor, Watch(self._desk.check))

    def _score(self, request: Generation, pixels: Pixels) -> float | None:
        if not (request.rank and self._family.ranks and request.prompt.strip()):
            return None
        self._desk.phase(Phase.RANKING)
        return self._family.similarity(request.prompt, [pixels])[0]

    def _send_source(self, request: ImageToImage, first: int) -> None:
        """At strength 0 the picture is kept, without a round trip through the model."""
        pixels = _covering(_on_white(self._attachments[request.source]), request.extent)
        for index in range(first, request.count):
            self._desk.candidate(index)
            self._desk.phase(Phase.FINISHING)
            score = self._score(request, pixels)
            self._desk.send(
                Candidate(
                    job_id=self._desk.job_id,
                    index=index,
                    seed=request.seed_of(index),
                    picture=Picture.from_array(pixels),
                    score=score,
                )
            )
            self.sent = index + 1

    def _steps(self, request: Generation) -> int:
        return self._model.defaults.steps if request.steps is None else request.steps

    def _guidance(self, request: Generation) -> float:
        if request.guidance is not None:
            return request.guidance
        defaults = self._model.defaults
        for_holes = defaults.inpaint_guidance if isinstance(request, Inpaint) else None
        return defaults.guidance if for_holes is None else for_holes

    def _brief(self, request: Generation, easel: _Easel, index: int) -> Brief:
        defaults = self._model.defaults
        return Brief(
            prompt=request.prompt,
            negative_prompt=request.negative_prompt,
            seed=request.seed_of(index),
            extent=easel.extent,
            steps=self._steps(request),
            guidance=self._guidance(request),
            scheduler=request.scheduler or defaults.scheduler,
            controls=easel.controls,
            references=easel.references,
            batch=self._batch,
        )

    def _guided(self, easel: _Easel, request: Generation) -> _Easel:
        """With the pictures that guide it."""
        controls = tuple(self._controls(request, easel.fit))
        return replace(easel, controls=controls, references=tuple(self._references(request)))

    def _controls(self, request: Generation, fit: Callable[[Pixels], Pixels]) -> Iterator[Guiding]:
        """The pictures whose shapes are followed, where the model sees what it paints."""
        for each in request.controls:
            pixels = _covering(_on_white(self._attachments[each.picture]), request.extent)
            adapter, span = self._adapters[each.adapter], (each.begin, each.end)
            seen, preprocessor = fit(pixels), each.preprocessor
            if preprocessor and preprocessor not in PREPROCESSORS:
                seen, preprocessor = self._estimated(seen, preprocessor, adapter), ""
            kind = each.kind or each.preprocessor
            yield Guiding(adapter, seen, each.weight, *span, preprocessor, kind)

    def _estimated(self, pixels: Pixels, preprocessor: str, adapter: AdapterInfo) -> Pixels:
        """What only a model can see in a picture; where none is installed, the picture itself."""
        estimator = self._estimators.get(preprocessor)
        if estimator is not None and estimator.installed and self._estimate is not None:
            self._desk.phase(Phase.PREPARING)
            return self._estimate(estimator, pixels, self._aide(preprocessor))
        note = (
            f"{adapter.title} reads a {preprocessor} picture, which is not made here: your "
            "picture is taken to be one already."
        )
        if estimator is not None:
            note += f" To have it made, {_installing(estimator)}"
        self._desk.note(note)
        return pixels

    def _aide(self, preprocessor: str) -> AdapterInfo | None:
        """The estimator that helps the one of a preprocessor; None where it is not installed."""
        aide = self._estimators.get(AIDES.get(preprocessor, ""))
        if aide is None or aide.installed:
            return aide
        self._desk.note(
            f"Your picture is taken to show one person. To have several told apart, "
            f"{_installing(aide)}"
        )
        return None

    def _references(self, request: Generation) -> Iterator[Guiding]:
        """The pictures that an adapter looks at."""
        for each in request.references:
            if each.adapter:
                pixels = _on_white(self._attachments[each.picture])
                adapter, span = self._adapters[each.adapter], (each.begin, each.end)
                yield Guiding(adapter, pixels, each.weight, *span)

    def _easel(self, request: Generation) -> _Easel:
        if isinstance(request, TextToImage):
            return self._easel_for_words(request)
        if isinstance(request, Inpaint):
            return self._easel_for_mask(request)
        return self._easel_for_source(request)

    def _easel_for_words(self, request: TextToImage) -> _Easel:
        """The model's nearest size, then scaled to cover what was asked for."""
        extent = model_extent(request.extent, self._model.native_size, self._model.grid)
        return _Easel(
            extent,
            share=1.0,
            paint=lambda brief: self._family.text_to_image(brief, self._desk),
            fit=lambda pixels: _covering(pixels, extent),
            finish=lambda pixels: Picture.from_array(_covering(pixels, request.extent)),
            enlarges=max(request.width / extent.width, request.height / extent.height),
        )

    def _easel_for_source(self, request: ImageToImage | Variation | InstructionEdit) -> _Easel:
        """The source brought to the model's size as a whole, and the answer back."""
        pixels = _covering(_on_white(self._attachments[request.source]), request.extent)
        prepared = self._prepared(pixels)
        return _Easel(
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
            sources = [seen, *map(_on_white, pictures)]
            return lambda brief: self._family.edit(brief, sources, self._desk)
        variation = isinstance(request, Variation)
        repaint = self._family.variation if variation else self._family.image_to_image
        return lambda brief: repaint(brief, seen, request.strength, self._desk)

    def _easel_for_mask(self, request: Inpaint) -> _Easel:
        """The context filled in and brought to the model's size, and the answer stitched in."""
        source, mask = self._attachments[request.source], self._attachments[request.mask]
        _check_mask(request, source, mask)
        prepared = prepare_for_model(
            source, mask, self._model.native_size, self._model.grid, request.fill
        )
        seen = prepared.picture.rgb()
        return _Easel(
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


def _installing(adapter: AdapterInfo) -> str:
    return f"install {adapter.title} with sfumato models install {adapter.id}."


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


def _covering(pixels: Pixels, extent: Extent) -> Pixels:
    """Scaled, its shape kept, until it covers the extent, and cropped to that around its middle."""
    height, width = pixels.shape[:2]
    scale = max(extent.width / width, extent.height / height)
    scaled = Extent(
        max(extent.width, round(width * scale)), max(extent.height, round(height * scale))
    )
    if scaled == (width, height):
        enough = pixels
    else:
        enough = to_bytes(resized(pixels.astype(np.float32), scaled))
    left, top = (scaled.width - extent.width) // 2, (scaled.height - extent.height) // 2
    return enough[top : top + extent.height, left : left + extent.width]


def _on_white(picture: Picture) -> Pixels:
    """Colours as they look on white paper."""
    if picture.mode != "RGBA":
        return picture.rgb()
    rgba = picture.array().astype(np.float32)
    alpha = rgba[..., 3:] / np.float32(255)
    return to_bytes(rgba[..., :3] * alpha + 255 * (1 - alpha))


def _size(extent: Extent) -> str:
    return f"{extent.width} px" if extent.width == extent.height else str(extent)

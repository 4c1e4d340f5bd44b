"""From a request to its candidates, with any family of models.

A workflow says what is painted and how; here candidates are counted, enlarged, scored and sent. One
is painted after the other, so that each has the pixels of a single request with its seed, and the
first is seen soon; where the person wants them together, they are only developed one by one.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final, Protocol

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.family import Brief, Family
from studio.engine.diffusion.guides import Guides
from studio.engine.diffusion.prompts.pictures import covering, on_white
from studio.engine.diffusion.sampling.batch import Batch
from studio.engine.diffusion.sampling.denoise import start_of
from studio.engine.diffusion.upscalers.upscaler import Watch
from studio.engine.diffusion.workflow import Workflow, Workflows
from studio.engine.protocol import Candidate, Phase, Scored
from studio.generation.catalog import ModelInfo
from studio.generation.request import Attachments, Generation, ImageToImage, Inpaint, Ranking

_NOTED: Final = 1.01
"""Enlarging by more than this is told."""


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
        guides: finds the pictures that guide requests, for those that have any.
        together: how many candidates may be denoised at a time.
    """

    def __init__(
        self,
        model: ModelInfo,
        family: Family,
        desk: Desk,
        attachments: Attachments,
        upscaler: Enlarger | None = None,
        guides: Guides | None = None,
        *,
        together: int = 1,
    ) -> None:
        self._model = model
        self._family = family
        self._desk = desk
        self._attachments = attachments
        self._upscaler = upscaler
        self._guides = guides or Guides(desk, attachments)
        self._workflows = Workflows(model, family, attachments, desk)
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
            scores += self._family.similarity(request.prompt, [on_white(self._attachments[digest])])
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
        workflow = self._guided(self._workflows.of(request), request)
        steps = self._steps(request)
        made = steps - start_of(steps, workflow.share)
        self._desk.plan(request.count * self._family.effort(made))
        self._desk.reach(first / request.count)
        if workflow.enlarges > _NOTED:
            self._desk.note(
                f"{self._model.title} paints at {_size(workflow.extent)}; "
                f"enlarged to {_size(request.extent)}."
            )
        while self.sent < request.count:
            self._send_batch(request, workflow)
        self._desk.phase(Phase.FINISHING)

    def _send_batch(self, request: Generation, workflow: Workflow) -> None:
        """Sends the next candidates, of which the first has all denoised."""
        end = min(self.sent + self._at_once(workflow), request.count)
        indices = range(self.sent, end)
        self._batch = Batch([request.seed_of(index) for index in indices])
        for index in indices:
            self._send_candidate(request, workflow, index)
            self._desk.reach(self.sent / request.count)

    def _at_once(self, workflow: Workflow) -> int:
        """How many candidates are denoised together: one where pictures guide it, or it must."""
        is_alone = workflow.controls or workflow.references or not self._family.paints_together
        return 1 if is_alone else self._together

    def _send_candidate(self, request: Generation, workflow: Workflow, index: int) -> None:
        desk, batch = self._desk, self._batch
        begun, shared = time.monotonic(), batch.seconds
        desk.candidate(index)
        desk.phase(Phase.PREPARING)
        pixels = workflow.paint(self._brief(request, workflow, index))
        desk.phase(Phase.FINISHING)
        picture = workflow.finish(self._enlarged(pixels, workflow.enlarges))
        score = self._score(request, pixels)
        desk.check()
        own = time.monotonic() - begun - (batch.seconds - shared)
        self._send(request, index, picture, score, seconds=own + batch.share)

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
        pixels = covering(on_white(self._attachments[request.source]), request.extent)
        for index in range(first, request.count):
            self._desk.candidate(index)
            self._desk.phase(Phase.FINISHING)
            score = self._score(request, pixels)
            self._send(request, index, Picture.from_array(pixels), score)

    def _send(
        self,
        request: Generation,
        index: int,
        picture: Picture,
        score: float | None,
        seconds: float = 0.0,
    ) -> None:
        self._desk.send(
            Candidate(
                job_id=self._desk.job_id,
                index=index,
                seed=request.seed_of(index),
                picture=picture,
                score=score,
                seconds=seconds,
            )
        )
        self.sent = index + 1

    def _guided(self, workflow: Workflow, request: Generation) -> Workflow:
        """With the pictures that guide it."""
        controls = tuple(self._guides.controls(request, workflow.fit))
        references = tuple(self._guides.references(request))
        return replace(workflow, controls=controls, references=references)

    def _steps(self, request: Generation) -> int:
        return self._model.defaults.steps if request.steps is None else request.steps

    def _guidance(self, request: Generation) -> float:
        if request.guidance is not None:
            return request.guidance
        defaults = self._model.defaults
        for_holes = defaults.inpaint_guidance if isinstance(request, Inpaint) else None
        return defaults.guidance if for_holes is None else for_holes

    def _brief(self, request: Generation, workflow: Workflow, index: int) -> Brief:
        defaults = self._model.defaults
        return Brief(
            prompt=request.prompt,
            negative_prompt=request.negative_prompt,
            seed=request.seed_of(index),
            extent=workflow.extent,
            steps=self._steps(request),
            guidance=self._guidance(request),
            scheduler=request.scheduler or defaults.scheduler,
            controls=workflow.controls,
            references=workflow.references,
            batch=self._batch,
        )


def _size(extent: Extent) -> str:
    width, height = extent
    return f"{width} px" if width == height else f"{width} × {height} px"

"""From what the person sees to requests: pure functions, made to run off the window's thread."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from studio.core.composing import ComposedSnapshot
from studio.core.document import DocumentSnapshot
from studio.core.errors import RequestError
from studio.core.geometry import Bounds, Point
from studio.core.layers import LayerSnapshot
from studio.core.picture import Picture
from studio.core.selection import NOTHING
from studio.core.tiles import Snapshot
from studio.generation.adapters import (
    fitting_adapters,
    loras_named,
    with_tags,
    without_tags,
)
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.catalog_entries import AdapterKind
from studio.generation.context import EditPlan
from studio.generation.edits import (
    Edit,
    Settings,
    apply_patch,
    image_to_image_edit,
    inpaint_edit,
    instruction_edit,
    outpaint_edit,
    text_to_image_edit,
)
from studio.generation.outpaint import plan_outpaint
from studio.generation.request import (
    Generation,
    ImageToImage,
    Inpaint,
    InstructionEdit,
    TextToImage,
    Variation,
)
from studio.generation.scene import PictureScene
from studio.generation.schedulers import schedulers_of
from studio.generation.task import FrameFacts, Task, TaskChoice, decide_task, survey_frame
from studio.gui.guiding import chosen_by, guides_of
from studio.gui.settings import PromptSettings


class Wish(msgspec.Struct, frozen=True):
    """What the person asks for, with the document as it was then.

    Attributes:
        seed: of the first candidate, drawn already.
        override: the task that the person insists on.
        adapters: those that the prompt may name.
    """

    snapshot: DocumentSnapshot
    prompt: PromptSettings
    model: ModelInfo
    seed: int
    override: Task | None = None
    adapters: tuple[AdapterInfo, ...] = ()


class Survey(msgspec.Struct, frozen=True):
    """What lies under the frame.

    Attributes:
        facts: of its pixels.
        mask_bounds: around what is masked.
        by_selection: whether what is selected counts as masked.
    """

    facts: FrameFacts
    mask_bounds: Bounds
    by_selection: bool = False


def survey(snapshot: DocumentSnapshot) -> Survey:
    """Looks at the pixels under the frame, and where the mask is.

    Where nothing is painted on the mask, what is selected counts as masked.
    """
    frame = snapshot.frame
    facts = survey_frame(frame, snapshot.flatten(frame))
    by_selection = snapshot.mask_tiles.is_empty and not snapshot.selection.is_empty
    mask = snapshot.selection if by_selection else snapshot.mask_tiles
    return Survey(facts, mask.used_bounds(), by_selection)


def choose(
    seen: Survey, prompt: PromptSettings, model: ModelInfo, override: Task | None
) -> TaskChoice:
    """What Generate would do; quick."""
    return decide_task(
        seen.facts,
        seen.mask_bounds,
        prompt.strength,
        has_prompt=bool(prompt.prompt.strip()),
        override=override,
        capabilities=model.tasks,
        by_selection=seen.by_selection,
    )


class Stride(msgspec.Struct, frozen=True):
    """One step of a generation that may have several: a request, and what follows from it.

    Attributes:
        edit: what the engine is asked.
        area: that the whole generation is about.
        painted: all that earlier steps have painted, of the area's size; None in the first one.
        rest: the steps still to come.
        scene: the picture of the area, with what earlier steps have painted.
    """

    edit: Edit
    area: Bounds
    rest: tuple[EditPlan, ...] = ()
    scene: PictureScene | None = None
    painted: Picture | None = None
    settings: Settings | None = None

    @property
    def is_last(self) -> bool:
        """Whether its result is the generation's."""
        return not self.rest

    def result(self, patch: Picture) -> Picture:
        """What is to be shown of its answer: the patch with those of all steps before."""
        if self.painted is None:
            return patch
        return apply_patch(self.painted, patch, _within(self.edit.area, self.area))

    def after(self, patch: Picture) -> Stride:
        """The next step, which sees what this one has painted."""
        assert self.scene is not None and self.settings is not None
        picture = apply_patch(self.scene.picture, patch, _within(self.edit.area, self.area))
        scene = PictureScene(picture, origin=self.scene.origin)
        painted = self.painted or _nothing(self.area)
        return Stride(
            edit=outpaint_edit(scene, self.rest[0], self.settings),
            area=self.area,
            rest=self.rest[1:],
            scene=scene,
            painted=apply_patch(painted, patch, _within(self.edit.area, self.area)),
            settings=self.settings,
        )


class Plan(msgspec.Struct, frozen=True):
    """A generation that can start.

    Attributes:
        strides: the first step of each of its parts: one part for all candidates, or one for each
            where each takes several steps.
        steps: how many steps each part takes.
        mask: that it is about; None where it is about all of its area.
    """

    choice: TaskChoice
    area: Bounds
    strides: tuple[Stride, ...]
    steps: int = 1
    mask: Snapshot | None = None


def asked_again(
    snapshot: DocumentSnapshot, layer: LayerSnapshot, mask: Snapshot | None
) -> DocumentSnapshot:
    """The document as it has to be looked at to make one of its layers anew.

    It is framed by what the layer was about, and masked; the layer itself is not to be seen.
    """
    return msgspec.structs.replace(
        snapshot,
        frame=layer.area or snapshot.frame,
        layers=tuple(_hidden(each, layer.id) for each in snapshot.layers),
        mask_tiles=NOTHING if mask is None else mask,
        selection=NOTHING,
    )


def _hidden(layer: LayerSnapshot, layer_id: str) -> LayerSnapshot:
    """The layer without the one of that id, be it itself or inside it."""
    if layer.id == layer_id:
        return msgspec.structs.replace(layer, visible=False)
    if layer.children is None:
        return layer
    children = tuple(_hidden(child, layer_id) for child in layer.children)
    return msgspec.structs.replace(layer, children=children, pixels=ComposedSnapshot(children))


def make_plan(wish: Wish) -> Plan:
    """Decides what to do and builds the requests for it.

    Raises:
        RequestError: if nothing can be done; it says why, as the line above the button does.
    """
    seen = survey(wish.snapshot)
    if seen.by_selection:
        masked = msgspec.structs.replace(wish.snapshot, mask_tiles=wish.snapshot.selection)
        wish = msgspec.structs.replace(wish, snapshot=masked)
    choice = choose(seen, wish.prompt, wish.model, wish.override)
    if choice.task is None:
        raise RequestError(f"{choice.sentence}.")
    settings = settings_of(wish, choice.task)
    if choice.task is Task.OUTPAINT:
        return _extension(wish, seen, choice, settings)
    edit = _edit(wish, seen, choice.task, settings)
    mask = wish.snapshot.mask_tiles if choice.task is Task.INPAINT else None
    return Plan(choice, edit.area, (Stride(edit, edit.area),), mask=mask)


def variation_plan(request: Variation, area: Bounds, read: Callable[[str], Picture]) -> Plan:
    """What makes a variation, laid on an area of the canvas.

    Args:
        read: brings the pictures that it needs, by their digests.
    """
    edit = Edit(request, {digest: read(digest) for digest in request.needs}, area)
    choice = TaskChoice(None, "Variation", area)
    return Plan(choice, area, (Stride(edit, area),))


def settings_from(request: Generation, seed: int, present: PromptSettings) -> PromptSettings:
    """The settings that would make that picture again; what it says nothing of stays."""
    own: dict[str, float] = {}
    match request:
        case Inpaint():
            own = {"mask_strength": request.strength, "feather": request.feather}
        case ImageToImage():
            own = {"strength": request.strength}
        case Variation():
            own = {"likeness": request.strength}
    return msgspec.structs.replace(
        present,
        prompt=with_tags(request.prompt, request.loras),
        negative_prompt=request.negative_prompt,
        model=request.model,
        seed=seed,
        seed_locked=True,
        steps=request.steps,
        guidance=request.guidance,
        scheduler=request.scheduler,
        rank=request.rank,
        upscaler=request.upscaler,
        vae=request.vae,
        guides=chosen_by(request),
        **own,
    )


def task_of(request: Generation, *, masked: bool) -> Task | None:
    """What was done with the frame for a request; None where the frame says it again."""
    match request:
        case TextToImage():
            return Task.TEXT_TO_IMAGE
        case ImageToImage():
            return Task.IMAGE_TO_IMAGE
        case InstructionEdit():
            return Task.EDIT
        case Inpaint() if masked:
            return Task.INPAINT
        case _:
            return None


def settings_of(wish: Wish, task: Task | None) -> Settings:
    """The person's settings as requests take them; a mask has a strength of its own.

    It is slow where pictures guide.

    Raises:
        RequestError: if an adapter is named that is not there.
        PictureError: if a picture that is to guide cannot be read.
    """
    prompt = wish.prompt
    words, tags = without_tags(prompt.prompt)
    strength = prompt.mask_strength if task is Task.INPAINT else prompt.strength
    return Settings(
        model=wish.model.id,
        prompt=words.strip(),
        negative_prompt=prompt.negative_prompt.strip(),
        seed=wish.seed,
        count=prompt.count,
        steps=prompt.steps,
        guidance=prompt.guidance,
        scheduler=_scheduler_for(wish.model, prompt),
        rank=prompt.rank,
        upscaler=_fitting(wish, "upscaler", prompt.upscaler),
        vae=_fitting(wish, "vae", prompt.vae),
        strength=strength,
        feather=prompt.feather,
        loras=loras_named(tags, wish.adapters, wish.model.family),
        guides=tuple(guides_of(prompt.guides, wish.adapters, task)),
    )


def _fitting(wish: Wish, kind: AdapterKind, chosen: str) -> str:
    """The chosen adapter; nothing where it is not here any more, or for other models."""
    fitting = fitting_adapters(wish.adapters, kind, wish.model)
    return chosen if any(adapter.id == chosen for adapter in fitting) else ""


def _scheduler_for(model: ModelInfo, prompt: PromptSettings) -> str | None:
    """The chosen scheduler; None, for the model's own, where it is none of the model's."""
    return prompt.scheduler if prompt.scheduler in schedulers_of(model.family) else None


def _edit(wish: Wish, seen: Survey, task: Task, settings: Settings) -> Edit:
    snapshot = wish.snapshot
    if task is Task.TEXT_TO_IMAGE:
        return text_to_image_edit(settings, snapshot.frame, snapshot)
    if task is Task.IMAGE_TO_IMAGE:
        return image_to_image_edit(snapshot, snapshot.frame, settings)
    if task is Task.EDIT:
        return instruction_edit(snapshot, snapshot.frame, settings)
    # A frame around the whole canvas says nothing about what the model should see of it.
    frame = None if snapshot.frame.contains(snapshot.canvas) else snapshot.frame
    return inpaint_edit(
        snapshot, settings, wish.model.native_size, frame=frame, painted=seen.mask_bounds
    )


def _extension(wish: Wish, seen: Survey, choice: TaskChoice, settings: Settings) -> Plan:
    frame = wish.snapshot.frame
    steps: tuple[EditPlan, ...] = (EditPlan(frame, frame),)
    if seen.facts.is_regular:
        steps = plan_outpaint(seen.facts.known, frame, wish.model.native_size).steps
    scene = PictureScene(wish.snapshot.flatten(frame), origin=frame.origin)
    count = settings.count if len(steps) > 1 else 1
    strides = tuple(
        _first_stride(scene, frame, steps, _single(settings, k) if len(steps) > 1 else settings)
        for k in range(count)
    )
    return Plan(choice, frame, strides, len(steps))


def _first_stride(
    scene: PictureScene, frame: Bounds, steps: tuple[EditPlan, ...], settings: Settings
) -> Stride:
    return Stride(
        edit=outpaint_edit(scene, steps[0], settings),
        area=frame,
        rest=steps[1:],
        scene=scene,
        painted=_nothing(frame),
        settings=settings,
    )


def _single(settings: Settings, candidate: int) -> Settings:
    """The settings of one candidate alone."""
    return msgspec.structs.replace(settings, count=1, seed=(settings.seed + candidate) % 2**32)


def _within(inner: Bounds, outer: Bounds) -> Point:
    return inner.relative_to(outer.origin).origin


def _nothing(area: Bounds) -> Picture:
    return Picture.from_array(np.zeros((area.height, area.width, 4), np.uint8))

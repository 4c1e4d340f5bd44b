"""From what the person wants to a request that the engine runs, and from its patch to a picture.

Window and command line both build their requests here. A request holds only the context that the
model needs, cut out at the picture's own scale, so its cost follows the mask and not the canvas.
All rectangles are in canvas coordinates.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import msgspec
import numpy as np

from studio.core.errors import RequestError
from studio.core.geometry import Bounds, Extent, Point
from studio.core.picture import Picture, Pixels
from studio.generation.context import EditPlan, find_islands, plan_inpaint, plan_inpaints
from studio.generation.guides import GuidePicture, Guides, resolved
from studio.generation.preparation import lean, opaque, to_bytes
from studio.generation.request import (
    MAX_SIDE,
    MIN_SIDE,
    Attachments,
    Fill,
    Generation,
    ImageToImage,
    Inpaint,
    InstructionEdit,
    Lora,
    TextToImage,
    Variation,
    attach,
)
from studio.generation.scene import Scene, crop

_FULL: Final = np.float32(255)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the person sets, the same for every task.

    Attributes:
        model, prompt, negative_prompt, seed, count, steps, guidance, scheduler, rank, upscaler,
        vae: as in `studio.generation.request.Sampling`.
        strength: of repainting and variation, 0 to 1; for a mask, 1 forgets what was under it.
        fill: what the model sees under a mask at first, where it forgets what was there.
        feather: width in pixels of the blend ring inside a mask.
        loras: that the model is to wear.
        guides: pictures that guide it.
    """

    model: str
    prompt: str = ""
    negative_prompt: str = ""
    seed: int
    count: int = 1
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    rank: bool = False
    upscaler: str = ""
    vae: str = ""
    strength: float = 1.0
    fill: Fill = "expand"
    feather: int = 0
    loras: tuple[Lora, ...] = ()
    guides: tuple[GuidePicture, ...] = ()


class Edit(msgspec.Struct, frozen=True):
    """A request, what it starts from, and where its result goes.

    Attributes:
        request: its width and height are the area's.
        attachments: the pictures that it needs.
        area: where the result lies on the canvas; it may reach beyond it.
    """

    request: Generation
    attachments: Attachments
    area: Bounds


def text_to_image_edit(settings: Settings, area: Bounds, scene: Scene | None = None) -> Edit:
    """A picture of the area's size from words.

    Args:
        settings: what to make of it.
        area: where it is to lie.
        scene: what lies there already, where that may guide it.

    Raises:
        RequestError: if the prompt is empty, a value is outside its range, or nothing lies there
            by which to be guided.
    """
    guides = resolved(settings.guides, lambda: _shown(scene, area))
    request = TextToImage(**_sampling(settings, area.extent, guides))
    return Edit(request, attach(guides.pictures), area)


def variation_edit(source: Picture, settings: Settings, area: Bounds | None = None) -> Edit:
    """Pictures like another one, of the area's size; without an area, of the source's."""
    area = area or Bounds.of(source.extent)
    shown = opaque(source)
    guides = resolved(settings.guides, lambda: shown)
    request = Variation(
        **_sampling(settings, area.extent, guides),
        source=shown.digest,
        strength=settings.strength,
    )
    return Edit(request, attach([shown, *guides.pictures]), area)


def image_to_image_edit(scene: Scene, area: Bounds, settings: Settings) -> Edit:
    """The area repainted as a whole; what is transparent in it takes its surroundings' colours.

    Raises:
        RequestError: if a value is outside its range, such as the area's size.
    """
    check_area(area)
    source = opaque(scene.flatten(area))
    guides = resolved(settings.guides, lambda: source)
    request = ImageToImage(
        **_sampling(settings, area.extent, guides),
        source=source.digest,
        strength=settings.strength,
    )
    return Edit(request, attach([source, *guides.pictures]), area)


def instruction_edit(scene: Scene, area: Bounds, settings: Settings) -> Edit:
    """The area changed as the prompt says; what is transparent takes its surroundings' colours.

    Raises:
        RequestError: if the prompt is empty, or a value is outside its range.
    """
    check_area(area)
    source = opaque(scene.flatten(area))
    guides = resolved(settings.guides, lambda: source)
    request = InstructionEdit(**_sampling(settings, area.extent, guides), source=source.digest)
    return Edit(request, attach([source, *guides.pictures]), area)


def inpaint_edit(
    scene: Scene,
    settings: Settings,
    native: int,
    *,
    frame: Bounds | None = None,
    painted: Bounds | None = None,
) -> Edit:
    """The masked part redone in one pass.

    Args:
        scene: the picture and its mask.
        settings: what to make of it.
        native: side of the area that the model was trained on.
        frame: only the mask inside it counts, and it is what the model sees.
        painted: where the mask may be; the whole canvas is searched where this is not known.

    Raises:
        RequestError: if nothing is masked, the mask is outside the canvas or too large.
    """
    search = _search_area(scene, painted, frame)
    found = find_islands(scene.mask(search), MAX_SIDE) if not search.is_empty else []
    whole = Bounds(0, 0, 0, 0)
    for island in found:
        whole = whole.union(island.moved(search.x, search.y))
    plan = plan_inpaint(scene.canvas, whole, native, context_hint=frame)
    return _inpaint(scene, plan, settings)


def inpaint_edits(
    scene: Scene, settings: Settings, native: int, *, painted: Bounds | None = None
) -> list[Edit]:
    """The masked parts redone: near ones in one pass, far ones each in its own.

    Args, errors: as for `inpaint_edit`.
    """
    search = _search_area(scene, painted, None)
    found = find_islands(scene.mask(search), native // 4) if not search.is_empty else []
    islands = [island.moved(search.x, search.y) for island in found]
    plans = plan_inpaints(scene.canvas, islands, native)
    return [_inpaint(scene, plan, settings) for plan in plans]


def outpaint_edit(scene: Scene, step: EditPlan, settings: Settings) -> Edit:
    """What is transparent in the step's target painted, as a continuation of what is not.

    Args:
        scene: the picture with all that the steps before have painted.
        step: from `studio.generation.outpaint.plan_outpaint`; or, to fill what is empty in a
            frame, one whose context and target are both the frame.
        settings: what to make of it.

    Raises:
        RequestError: if nothing in the target is transparent, or the context is too large.
    """
    check_area(step.context)
    source = scene.flatten(step.context)
    target = step.target.relative_to(step.context.origin)
    missing = 255 - source.rgba()[..., 3]
    mask = np.zeros_like(missing)
    window = np.s_[target.y : target.bottom, target.x : target.right]
    mask[window] = missing[window]
    if not mask.any():
        raise RequestError("There is nothing empty to fill: move the frame over an edge.")
    return _masked_edit(source, mask, step.context, msgspec.structs.replace(settings, strength=1.0))


def apply_patch(picture: Picture, patch: Picture, at: Point) -> Picture:
    """The picture with a patch laid over it by source-over; what falls outside is cut off.

    Pixels where the patch is transparent keep their exact values.

    Args:
        picture: any mode; grey becomes ``RGB``.
        patch: ``RGBA``.
        at: of the patch's top left pixel, in the picture's own coordinates.
    """
    base = (picture.array() if picture.mode == "RGBA" else picture.rgb()).copy()
    place = Bounds.of(patch.extent).moved(at.x, at.y)
    part = place.intersection(Bounds.of(picture.extent))
    if part.is_empty:
        return picture
    over = crop(patch, part.relative_to(at)).rgba()
    window = base[part.y : part.bottom, part.x : part.right]
    window[...] = _source_over(window, over)
    return Picture.from_array(base)


def check_area(area: Bounds) -> None:
    """Raises RequestError, before any pixel is touched, where a side cannot be requested."""
    if area.extent.shortest < MIN_SIDE or area.extent.longest > MAX_SIDE:
        raise RequestError(
            f"The area is {area.extent}: choose from {MIN_SIDE} to {MAX_SIDE} pixels a side."
        )


def _sampling(settings: Settings, extent: Extent, guides: Guides) -> dict[str, Any]:
    return {
        "model": settings.model,
        "prompt": settings.prompt,
        "negative_prompt": settings.negative_prompt,
        "seed": settings.seed,
        "count": settings.count,
        "width": extent.width,
        "height": extent.height,
        "steps": settings.steps,
        "guidance": settings.guidance,
        "scheduler": settings.scheduler,
        "rank": settings.rank,
        "upscaler": settings.upscaler,
        "vae": settings.vae,
        "loras": settings.loras,
        "controls": guides.controls,
        "references": guides.references,
    }


def _shown(scene: Scene | None, area: Bounds) -> Picture:
    """What lies in an area, in ``RGB``."""
    picture = None if scene is None else scene.flatten(area)
    if picture is None or (picture.mode == "RGBA" and not picture.array()[..., 3].any()):
        raise RequestError(
            "Nothing lies here on the canvas by which to be guided: choose a picture."
        )
    return opaque(picture)


def _search_area(scene: Scene, painted: Bounds | None, frame: Bounds | None) -> Bounds:
    area = scene.canvas if painted is None else painted.intersection(scene.canvas)
    return area if frame is None else area.intersection(frame)


def _inpaint(scene: Scene, plan: EditPlan, settings: Settings) -> Edit:
    """Reads the context inside the canvas and continues it where it has to be larger."""
    context, target = plan.context, plan.target
    inside = context.intersection(scene.canvas)
    source = scene.flatten(inside)
    mask = np.zeros((inside.height, inside.width), np.uint8)
    place = target.relative_to(inside.origin)
    mask[place.y : place.bottom, place.x : place.right] = scene.mask(target).array()
    if inside != context:
        source = Picture.from_array(_continued(source.array(), context.extent))
        mask = crop(Picture.from_array(mask), Bounds.of(context.extent)).array()
    return _masked_edit(source, mask, context, settings)


def _masked_edit(source: Picture, mask: Pixels, area: Bounds, settings: Settings) -> Edit:
    source, painted = lean(source), Picture.from_array(mask)
    guides = resolved(settings.guides, lambda: opaque(source))
    request = Inpaint(
        **_sampling(settings, area.extent, guides),
        source=source.digest,
        mask=painted.digest,
        strength=settings.strength,
        fill=settings.fill if settings.strength >= 1 else "none",
        feather=settings.feather,
    )
    return Edit(request, attach([source, painted, *guides.pictures]), area)


def _continued(pixels: Pixels, extent: Extent) -> Pixels:
    """The picture with its right and bottom edges repeated."""
    height, width = pixels.shape[:2]
    down, across = extent.height - height, extent.width - width
    grown = cv2.copyMakeBorder(pixels, 0, down, 0, across, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(grown, dtype=np.uint8)


def _source_over(under: Pixels, over: Pixels) -> Pixels:
    """Straight-alpha ``over`` on ``RGB`` or ``RGBA`` pixels of the same size."""
    share = over[..., 3:].astype(np.float32) / _FULL
    below = under[..., 3:].astype(np.float32) / _FULL if under.shape[2] == 4 else np.float32(1)
    alpha = share + below * (1 - share)
    colour = over[..., :3] * share + under[..., :3] * (below * (1 - share))
    colour = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0)
    mixed = to_bytes(np.asarray(colour, dtype=np.float32))
    if under.shape[2] == 4:
        mixed = np.dstack([mixed, to_bytes(alpha * 255)])
    return np.where(over[..., 3:] == 0, under, mixed)

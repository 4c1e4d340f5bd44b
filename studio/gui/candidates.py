"""The steps that take what a model made into the document."""

from __future__ import annotations

import cv2
import msgspec

from studio.core.commands.canvas import ResizeCanvas, SetFrame
from studio.core.commands.generation import AddGenerated, RemakeGenerated
from studio.core.commands.group import CommandGroup
from studio.core.commands.selection import ClearMask
from studio.core.commands.stack import Command
from studio.core.commands.transform import projected_mask
from studio.core.geometry import Bounds, Point
from studio.core.layers import GeneratedLayer
from studio.core.picture import Picture
from studio.core.tiles import TiledSurface
from studio.core.warping import Warp
from studio.generation.request import Inpaint, from_json, to_json
from studio.gui.canvas.staging import StagedCandidate


def kept(
    staged: StagedCandidate, canvas: Bounds, masked: bool, replaced: GeneratedLayer | None
) -> Command:
    """The step that takes a candidate into the document; the mask has then done its duty.

    The layer remembers the request that makes this very candidate. What of it lies beyond the
    canvas, because the frame did, would be out of sight: the canvas grows to hold it.
    """
    request = msgspec.structs.replace(from_json(staged.run.recipe), seed=staged.seed, count=1)
    picture, mask = in_place(staged), staged.run.mask
    add = AddGenerated(
        picture,
        staged.area.origin,
        to_json(request),
        staged.run.name,
        staged.area,
        None if mask is None else projected_mask(mask, staged.run.projection),
    )
    keep = add if replaced is None else RemakeGenerated(replaced, add.layer)
    commands: list[Command] = [keep]
    grown = canvas.union(_painted(picture, staged.area))
    if grown != canvas:
        commands.append(ResizeCanvas(grown))
    if masked and isinstance(request, Inpaint):
        commands.append(ClearMask())
    return CommandGroup(keep.name, commands) if len(commands) > 1 else keep


def in_place(staged: StagedCandidate) -> Picture:
    """What a candidate looks like where it belongs, as large as the picture was made since."""
    run, picture = staged.run, staged.stored.candidate.picture
    if run.projection.is_identity:
        return picture
    surface = TiledSurface()
    surface.write(run.area, picture.rgba())
    projected = Warp(surface.snapshot(), run.area, run.projection).snapshot()
    return Picture.from_array(projected.read(run.place))


def _painted(picture: Picture, area: Bounds) -> Bounds:
    """Where on the canvas a patch on that area changes anything."""
    if picture.mode != "RGBA":
        return area
    x, y, width, height = cv2.boundingRect(picture.rgba()[..., 3])
    return Bounds(area.x + x, area.y + y, width, height)


def placed(picture: Picture, frame: Bounds, recipe: bytes, name: str, *, fits: bool) -> Command:
    """The step that lays a picture into the middle of the frame; an empty canvas is made to fit."""
    if fits:
        area = Bounds(frame.x, frame.y, *picture.extent)
        add = AddGenerated(picture, area.origin, recipe, name)
        return CommandGroup(add.name, (ResizeCanvas(area), SetFrame(area), add))
    x = frame.x + (frame.width - picture.width) // 2
    y = frame.y + (frame.height - picture.height) // 2
    return AddGenerated(picture, Point(x, y), recipe, name)

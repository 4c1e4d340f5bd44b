"""Chains of outpaints whose model sees only what it painted before, so that errors add up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.core.geometry import Bounds, Point
from studio.core.picture import Picture
from studio.generation.context import EditPlan
from studio.generation.edits import outpaint_edit
from studio.generation.scene import PictureScene, placed_on
from tests.helpers.editing import StandIn, carried_out, settings


def mirrored_onwards(start: Picture, stand_in: StandIn, steps: int) -> Iterator[Picture]:
    """The picture extended to the right by half a frame at a time.

    The stand-in paints the mirror image of the half before, as it looks by now, so a perfect one
    never changes the mean colour. The frame is as high as the picture.
    """
    half = start.height // 2
    picture = start
    for _ in range(steps):
        known = Bounds.of(picture.extent)
        canvas = Bounds(0, 0, known.width + half, known.height)
        frame = Bounds(known.width - half, 0, 2 * half, known.height)
        scene = PictureScene(placed_on(picture, Point(0, 0), canvas))
        before = picture.rgb()
        truth = Picture.from_array(np.hstack([before, before[:, : -half - 1 : -1]]))
        edit = outpaint_edit(scene, EditPlan(frame, frame), settings())
        picture = carried_out(scene, edit, truth, stand_in).picture
        yield Picture.from_array(picture.rgb())

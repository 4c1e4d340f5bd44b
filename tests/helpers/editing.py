"""Stand-in models for the editing laws, and the measures that the laws are stated in.

A stand-in is an ideal model that knows the true picture, made worse in one way. It goes through
the same preparation and stitching as a real model's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from studio.core.geometry import Bounds, Extent
from studio.core.picture import Picture, Pixels
from studio.files.pictures import read_picture
from studio.generation.edits import Edit, Settings, apply_patch, inpaint_edit, outpaint_edit
from studio.generation.membrane import Flags, Floats
from studio.generation.outpaint import plan_outpaint
from studio.generation.preparation import prepare_for_model, to_bytes
from studio.generation.request import Inpaint
from studio.generation.scene import PictureScene, crop, placed_on
from studio.generation.stitch import finish_patch

PHOTOS = Path(__file__).parents[3] / "shared" / "outside" / "photos"

StandIn = Callable[[Floats], Floats]


def identity(truth: Floats) -> Floats:
    return truth


def colour_cast(truth: Floats) -> Floats:
    gain = np.array([1.06, 0.97, 0.9], np.float32)
    return truth * gain + np.array([8, -5, 3], np.float32)


def blurred(truth: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(truth, (0, 0), 2.0), dtype=np.float32)


def noisy(truth: Floats) -> Floats:
    noise = np.random.default_rng(5).normal(0, 8, truth.shape)
    return np.asarray(truth + noise, dtype=np.float32)


def coarse(truth: Floats) -> Floats:
    """As from a model whose pictures are four times smaller."""
    height, width = truth.shape[:2]
    small = cv2.resize(truth, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


STAND_INS: dict[str, StandIn] = {
    "identity": identity,
    "colour cast": colour_cast,
    "blurred": blurred,
    "noisy": noisy,
    "coarse": coarse,
}


def answer(
    edit: Edit, truth: Picture, stand_in: StandIn, native: int = 512, grid: int = 64
) -> Picture:
    """The patch of a stand-in that would paint ``truth``, a picture of the edit's area."""
    request = edit.request
    assert isinstance(request, Inpaint)
    source, mask = edit.attachments[request.source], edit.attachments[request.mask]
    prepared = prepare_for_model(source, mask, native, grid, request.fill)
    wanted = prepare_for_model(truth, mask, native, grid, "none").picture
    result = stand_in(wanted.array().astype(np.float32))
    return finish_patch(
        Picture.from_array(to_bytes(result)), prepared, source, mask, request.feather
    )


def carried_out(
    scene: PictureScene, edit: Edit, truth: Picture, stand_in: StandIn, native: int = 512
) -> PictureScene:
    """The scene with the stand-in's patch on its picture.

    Args:
        truth: what the stand-in would paint, a picture of the scene's canvas.
        native: the stand-in's.
    """
    area = edit.area.relative_to(scene.origin)
    patch = answer(edit, crop(truth, area), stand_in, native)
    return replace(scene, picture=apply_patch(scene.picture, patch, area.origin))


def inpainted(
    truth: Picture, masked: Flags, stand_in: StandIn, native: int = 512, **changes: object
) -> Picture:
    """The picture with its masked part painted by a stand-in that knows it."""
    scene = PictureScene(truth, mask_of(masked))
    edit = inpaint_edit(scene, settings(**changes), native)
    return carried_out(scene, edit, truth, stand_in, native).picture


def outpainted(truth: Picture, known: Bounds, stand_in: StandIn, native: int = 512) -> Picture:
    """The known part of a picture extended to its whole by a stand-in that knows it."""
    canvas = Bounds.of(truth.extent)
    scene = PictureScene(placed_on(crop(truth, known), known.origin, canvas))
    for step in plan_outpaint(known, canvas, native).steps:
        edit = outpaint_edit(scene, step, settings())
        scene = carried_out(scene, edit, truth, stand_in, native)
    return scene.picture


def settings(**changes: object) -> Settings:
    return Settings(**{"model": "starter", "prompt": "a lake", "seed": 3, **changes})  # type: ignore[arg-type]


def photograph(name: str) -> Picture:
    return read_picture(PHOTOS / name)


def photographs() -> list[str]:
    """Names of the photographs made by other people; none where they are missing."""
    found = sorted(PHOTOS.glob("*")) if PHOTOS.is_dir() else []
    return [path.name for path in found if "_mask" not in path.name]


def mask_of(masked: Flags) -> Picture:
    return Picture.from_array(masked.astype(np.uint8) * 255)


def seam_ratio(picture: Pixels, masked: Flags) -> float:
    """Mean gradient across the mask's border over that of the lines 8 px to either side."""
    seam, beside = gradients(picture, masked)
    return seam / max(beside, 1.0)


def gradients(picture: Pixels, masked: Flags) -> tuple[float, float]:
    """Mean gradient across the mask's border, and across the lines 8 px to either side."""
    inwards, outwards = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for side in (masked, ~masked)
    )
    depth = np.where(masked, inwards - 0.5, 0.5 - outwards)
    beside = (_step_across(picture, depth, 8) + _step_across(picture, depth, -8)) / 2
    return _step_across(picture, depth, 0), beside


def _step_across(picture: Pixels, depth: npt.NDArray[np.floating], level: float) -> float:
    """Mean absolute difference of neighbours on the two sides of a line of equal depth."""
    values = picture.astype(np.float32)
    steps = []
    for axis in (0, 1):
        crosses = np.diff((depth > level).astype(np.int8), axis=axis) != 0
        steps.append(np.abs(np.diff(values, axis=axis))[crosses].mean(axis=-1))
    found = np.concatenate(steps)
    return float(found.mean()) if found.size else 0.0


def lab(picture: Pixels) -> Floats:
    """CIE Lab of RGB pixels, L from 0 to 100."""
    scaled = np.ascontiguousarray(picture).astype(np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), dtype=np.float32)


def colour_difference(one: Pixels, other: Pixels) -> float:
    """Delta E (1976) between the mean colours."""
    return float(np.linalg.norm(lab(one).mean((0, 1)) - lab(other).mean((0, 1))))


def shift(one: Pixels, other: Pixels) -> tuple[float, float]:
    """How far ``other`` is moved against ``one``, in pixels, by phase correlation."""
    grey = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (one, other)]
    window = cv2.createHanningWindow(grey[0].shape[::-1], cv2.CV_64F)
    (dx, dy), _ = cv2.phaseCorrelate(grey[0], grey[1], window)
    return dx, dy


def disc(extent: Extent, radius: float) -> Flags:
    """A disc in the middle, as a flag for each pixel."""
    y, x = np.mgrid[: extent.height, : extent.width]
    inside = (x - extent.width / 2) ** 2 + (y - extent.height / 2) ** 2 <= radius**2
    return np.asarray(inside, dtype=np.bool_)


def scenery(extent: Extent, seed: int = 0) -> Picture:
    """Flat shapes on a ground that changes slowly, such as the starter paints."""
    generator = np.random.default_rng(seed)
    corners = generator.uniform(60, 220, (2, 2, 3)).astype(np.float32)
    ground = cv2.resize(corners, tuple(extent), interpolation=cv2.INTER_LINEAR)
    picture = to_bytes(np.asarray(ground, dtype=np.float32))
    for _ in range(6):
        place = generator.uniform(0, 1, 2) * extent
        radius = generator.uniform(0.06, 0.16) * extent.shortest
        colour = generator.integers(0, 256, 3).tolist()
        centre = (int(place[0]), int(place[1]))
        cv2.circle(picture, centre, int(radius), colour, cv2.FILLED, cv2.LINE_AA)
    return Picture.from_array(picture)

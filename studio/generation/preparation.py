"""From a picture and its mask to what the model is given, and back.

The model works near its native area and on its own grid of sizes; the picture comes at its own.
Scaling maps edges onto edges, so nothing is shifted; where the aspect does not fit the grid, the
picture is continued beyond its edges, and what is painted there is cut away again.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import msgspec
import numpy as np

from studio.core.errors import RequestError
from studio.core.geometry import Bounds, Extent
from studio.core.picture import Picture, Pixels
from studio.generation.fill import fill_unknown
from studio.generation.membrane import Floats
from studio.generation.request import Fill

MAX_ASPECT: Final = 4.0
"""The longest shape that a model is given, as long side over short side."""

_NEARLY: Final = 1.06
"""A misfit of up to this factor is padded instead of scaled, or stretched instead of padded."""

_FULL: Final = np.float32(255)
_SHAPE_WEIGHT: Final = 1.5
"""A wrong shape, which costs padding, counts this much more than a wrong area."""


class ModelInput(msgspec.Struct, frozen=True):
    """What the model is given.

    Attributes:
        picture: ``RGB`` of the model's size, unknown pixels filled in.
        mask: ``L`` of the same size; 255 = repaint, between = partly; 0 in the padding.
        content: where the source lies in it; the rest is padding.
        source_extent: the source's own size.
    """

    picture: Picture
    mask: Picture
    content: Bounds
    source_extent: Extent


def model_extent(extent: Extent, native: int, grid: int) -> Extent:
    """The size at which a model works on a picture.

    Args:
        extent: the picture's size.
        native: side of the square area that the model was trained on, in pixels.
        grid: its sides are multiples of this.

    Returns:
        Multiples of ``grid`` whose area is near ``native**2`` and whose shape is near the
        picture's, but no longer than `MAX_ASPECT`.

    >>> model_extent(Extent(900, 900), 512, 64), model_extent(Extent(1920, 1080), 512, 64)
    (Extent(width=512, height=512), Extent(width=704, height=384))
    """
    aspect = min(max(extent.aspect, 1 / MAX_ASPECT), MAX_ASPECT)
    ideal = native * math.sqrt(aspect)

    def misfit(size: Extent) -> float:
        shape = abs(math.log(size.aspect / aspect))
        return _SHAPE_WEIGHT * shape + abs(math.log(size.area / native**2))

    widths = _multiples_near(ideal, grid)
    heights = _multiples_near(ideal / aspect, grid)
    return min((Extent(w, h) for w in widths for h in heights), key=misfit)


def _multiples_near(side: float, grid: int) -> list[int]:
    count = int(side // grid)
    return [grid * k for k in range(max(1, count - 1), count + 3)]


def prepare_for_model(
    source: Picture, mask: Picture, native: int, grid: int, fill: Fill = "expand"
) -> ModelInput:
    """Brings a picture and its mask to the model's size and fills in what is unknown.

    Args:
        source: ``RGB`` or ``RGBA``; what is transparent is unknown.
        mask: ``L``, of the source's size; 255 = repaint.
        native, grid: the model's, as in `model_extent`.
        fill: what the model sees under the mask, as in `fill_unknown`.

    Raises:
        RequestError: if the mask is not of the source's size.
    """
    check_same_size(source, mask)
    size = model_extent(source.extent, native, grid)
    content = _content(source.extent, size)
    picture, share = _scaled_and_filled(source, mask, content.extent, fill)
    return ModelInput(
        picture=Picture.from_array(_padded(to_bytes(picture), size, cv2.BORDER_REPLICATE)),
        mask=Picture.from_array(_padded(share, size, cv2.BORDER_CONSTANT)),
        content=content,
        source_extent=source.extent,
    )


def restore_size(result: Picture, prepared: ModelInput) -> Floats:
    """The model's answer without its padding, at the source's size.

    Args:
        result: of the prepared size, or of that size enlarged by a second pass.

    Returns:
        ``(h, w, 3)``, 0 to 255.
    """
    zoom = result.width / prepared.picture.width
    left, top, width, height = (round(side * zoom) for side in prepared.content)
    content = result.rgb()[top : top + height, left : left + width].astype(np.float32)
    restored = resized(content, prepared.source_extent)
    return np.clip(restored, 0, 255)


def kept_at(mask: Floats, progress: float) -> Floats:
    """Which latents are still held to the original at a moment of the denoising.

    Differential denoising (E. Levin and O. Fried, "Differential diffusion", 2023): the less a
    pixel is masked, the later it is let go, and an unmasked one never is.

    Args:
        mask: 0 to 1, of the latents' size.
        progress: share of the steps already done, 0 at the first step.

    Returns:
        1 where the original, noised to the present step, replaces the latents; else 0.
    """
    return (mask < 1 - progress).astype(np.float32)


def resized(pixels: Floats, extent: Extent) -> Floats:
    """Scaled edge onto edge: means of areas where it shrinks, bicubic where it grows."""
    height, width = pixels.shape[:2]
    if (width, height) == extent:
        return pixels
    shrinks = extent.width * extent.height < width * height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, tuple(extent), interpolation=method), dtype=np.float32)


def shrunk_mask(mask: Pixels, extent: Extent) -> Pixels:
    """Scaled so that the largest value under each new pixel survives."""
    height, width = mask.shape
    if (width, height) == extent:
        return mask
    reach = [
        2 * math.ceil((old / new - 1) / 2) + 1 if old > new else 1
        for old, new in ((width, extent.width), (height, extent.height))
    ]
    widened = cv2.dilate(mask, np.ones((reach[1], reach[0]), np.uint8))
    scaled = cv2.resize(widened, tuple(extent), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(scaled, dtype=np.uint8)


def to_bytes(pixels: Floats) -> Pixels:
    """Rounded and limited to 0 to 255."""
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def lean(picture: Picture) -> Picture:
    """Without an alpha channel that says nothing."""
    if picture.mode == "RGBA" and picture.array()[..., 3].min() == 255:
        return Picture.from_array(picture.rgb())
    return picture


def opaque(picture: Picture) -> Picture:
    """``RGB``, with surrounding colours where it is transparent."""
    if lean(picture).mode != "RGBA":
        return Picture.from_array(picture.rgb())
    pixels = picture.array().astype(np.float32)
    known = pixels[..., 3] / _FULL
    filled = fill_unknown(pixels[..., :3], known, np.zeros_like(known), "none")
    return Picture.from_array(to_bytes(filled))


def check_same_size(source: Picture, mask: Picture) -> None:
    """Raises RequestError if the mask does not cover the source pixel by pixel."""
    if source.extent != mask.extent:
        raise RequestError(
            f"The mask is {mask.extent} but the picture is {source.extent}: "
            "make the mask as large as the picture."
        )


def _content(source: Extent, size: Extent) -> Bounds:
    """Where the source lies in the model's picture: whole and centred, as large as fits.

    One that nearly fits is not scaled at all, since scaling costs sharpness; one whose shape
    nearly fits is stretched a little rather than padded.
    """
    across, down = size.width / source.width, size.height / source.height
    scale = min(across, down)
    if 1 <= scale <= _NEARLY:
        scale = 1.0
    elif max(across, down) <= scale * _NEARLY:
        return Bounds.of(size)
    width = min(size.width, max(1, round(source.width * scale)))
    height = min(size.height, max(1, round(source.height * scale)))
    return Bounds((size.width - width) // 2, (size.height - height) // 2, width, height)


def _scaled_and_filled(
    source: Picture, mask: Picture, extent: Extent, fill: Fill
) -> tuple[Floats, Pixels]:
    """Fills at the smaller of the two sizes, so that unknown colours bleed into no known one."""
    picture = source.rgb().astype(np.float32)
    known = source.rgba()[..., 3].astype(np.float32) / _FULL
    share = shrunk_mask(mask.array(), extent)
    if extent.area >= source.extent.area:
        filled = fill_unknown(picture, known, mask.array().astype(np.float32) / _FULL, fill)
        return resized(filled, extent), share
    if fill == "expand":
        known = known * (mask.array() < 128)
    weight = resized(known, extent)
    scaled = resized(picture * known[..., None], extent)
    scaled = np.divide(
        scaled, weight[..., None], out=np.zeros_like(scaled), where=weight[..., None] > 0
    )
    return fill_unknown(scaled, weight, share.astype(np.float32) / _FULL, fill), share


def _padded(pixels: Pixels, size: Extent, border: int) -> Pixels:
    """Centred in ``size``, as `_content` says."""
    height, width = pixels.shape[:2]
    left, top = (size.width - width) // 2, (size.height - height) // 2
    padded = cv2.copyMakeBorder(
        np.ascontiguousarray(pixels),
        top,
        size.height - height - top,
        left,
        size.width - width - left,
        borderType=border,
        value=0,
    )
    return np.asarray(padded, dtype=np.uint8)

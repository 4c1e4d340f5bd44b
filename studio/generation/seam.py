"""Leading a generated picture over to the known one along the border of a mask.

Two things make a seam: the colours differ, and so does the fineness of detail. Both are taken from
the known side of the border, where the model's own answer can be compared with the truth.

What the difference has in common along the border is spread over the whole mask by a membrane
(P. Pérez, M. Gangnet and A. Blake, "Poisson image editing", SIGGRAPH 2003), so a colour cast
disappears entirely. What is left of it, the detail that the model has lost, is mirrored into the
mask and fades out within some pixels; detail that the model made up beyond that of its
surroundings (noise) fades in over the same way, by Wiener's estimate of how much of it is true.
A perfect answer is not changed at all.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from studio.core.geometry import Bounds
from studio.generation.membrane import Flags, Floats, membrane

_BAND: Final = 8
"""Width in pixels of the border zone in which the two pictures are compared."""

_FADE: Final = 17
"""Depth in pixels to which known detail reaches into the mask."""

_FINE: Final = 2.0
"""Detail is what a blur of this many pixels takes away."""

_SMOOTH: Final = 2.0
"""The mirror follows the border smoothed by a blur of this many pixels."""

_UNSEEN: Final = np.float32(12)
"""Energy of detail, summed over the channels, that is too faint to be doubted."""

_OUTLIER: Final = 3.0
_TOLERANCE: Final = 8.0
_NOTHING: Final = 1e-6


def heal_seam(generated: Floats, known: Floats, masked: Flags, trusted: Flags) -> Floats:
    """The generated picture, led over to the known one along the border of the mask.

    Args:
        generated, known: ``(h, w, 3)``, 0 to 255.
        masked: ``(h, w)``: what the patch will cover.
        trusted: ``(h, w)``: known pixels outside the mask.

    Returns:
        ``generated`` with the masked pixels corrected.
    """
    area = _around(masked, _BAND + _FADE)
    window = np.s_[area.y : area.bottom, area.x : area.right]
    inside, sure = masked[window], trusted[window]
    ring = _grown(inside, 1) & sure
    if not ring.any():
        return generated
    healed = generated.copy()
    part = generated[window]
    difference = known[window] - part
    broad = _broad_part(difference, _grown(inside, _BAND) & sure)
    bridge = membrane(broad, ring) + _detail(part, known[window], difference - broad, inside, sure)
    healed[window] += bridge * inside[..., None]
    return healed


def _broad_part(difference: Floats, band: Flags) -> Floats:
    """What neighbouring parts of the border have in common, without its outliers."""
    samples = difference[band]
    middle = np.median(samples, axis=0)
    spread = np.median(np.abs(samples - middle), axis=0)
    limit = _OUTLIER * spread + _TOLERANCE
    return _mean_nearby(np.clip(difference, middle - limit, middle + limit), band, _BAND)


def _detail(generated: Floats, known: Floats, lost: Floats, inside: Flags, sure: Flags) -> Floats:
    """What to add to the generated detail, so that it begins like the known detail beside it."""
    depth = _depth(sure)
    fade = np.clip(1 - depth / np.float32(_FADE), 0, 1) * inside
    fade = (fade * fade * (3 - 2 * fade))[..., None]
    made_up = generated - _mean_nearby(generated, sure, _FINE)
    true = known - _mean_nearby(known, sure, _FINE)
    doubt = _doubt(made_up, true, sure)
    wanted = _mirrored(lost + doubt * made_up, sure, depth)
    fine = generated - _blurred(generated, _FINE)
    return np.asarray((wanted - doubt * fine) * fade, dtype=np.float32)


def _doubt(made_up: Floats, true: Floats, sure: Flags) -> Floats:
    """How little the generated detail near a pixel foretells the true one, 0 to 1.

    One less Wiener's gain, that is the share of the generated detail that leaves the least error.
    """
    common = _mean_nearby((made_up * true).sum(2, keepdims=True), sure, _BAND)
    energy = _mean_nearby((made_up**2).sum(2, keepdims=True), sure, _BAND)
    share = (common + _UNSEEN) / (energy + _UNSEEN)
    return 1 - np.clip(share, 0, 1)


def _depth(sure: Flags) -> Floats:
    """How far each pixel is inside the border, which runs between pixels; negative outside."""
    inwards, outwards = (
        np.asarray(cv2.distanceTransform(side, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
        for side in ((~sure).astype(np.uint8), sure.astype(np.uint8))
    )
    return np.where(sure, np.float32(0.5) - outwards, inwards - np.float32(0.5))


def _mirrored(pixels: Floats, sure: Flags, depth: Floats) -> Floats:
    """Each pixel's mirror image behind the border; zero where that is not sure either."""
    height, width = depth.shape
    smooth = _blurred(depth, _SMOOTH)
    down, across = np.gradient(smooth)
    length = np.maximum(np.hypot(across, down), np.float32(0.5))
    row, column = np.mgrid[:height, :width].astype(np.float32)
    column -= 2 * depth * across / length
    row -= 2 * depth * down / length
    known = sure[..., None].astype(np.float32)
    found = cv2.remap(
        np.concatenate([pixels * known, known], axis=2),
        column,
        row,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    weight = found[..., 3:]
    mirrored = np.divide(found[..., :3], weight, out=np.zeros_like(pixels), where=weight > 0.1)
    return np.asarray(mirrored, dtype=np.float32)


def _mean_nearby(pixels: Floats, where: Flags, sigma: float) -> Floats:
    """Gaussian mean of the pixels that count; zero where none is near."""
    weight = _blurred(where.astype(np.float32), sigma)[..., None]
    total = _blurred(np.asarray(pixels * where[..., None], dtype=np.float32), sigma)
    total = total.reshape(pixels.shape)
    mean = np.divide(total, weight, out=np.zeros_like(total), where=weight > _NOTHING)
    return np.asarray(mean, dtype=np.float32)


def _blurred(pixels: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), dtype=np.float32)


def _around(flags: Flags, margin: int) -> Bounds:
    """The rectangle around what is set, with a margin, inside the array."""
    found = Bounds(*cv2.boundingRect(flags.astype(np.uint8)))
    whole = Bounds(0, 0, flags.shape[1], flags.shape[0])
    return found if found.is_empty else found.padded(margin).intersection(whole)


def _grown(flags: Flags, amount: int) -> Flags:
    side = 2 * amount + 1
    grown = cv2.dilate(flags.astype(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray(grown, dtype=np.uint8) > 0

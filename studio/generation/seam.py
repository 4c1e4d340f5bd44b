"""Leading a generated picture over to the known one along the border of a mask.

Two things make a seam: the colours differ, and so does the fineness of detail. Both are learnt
on the known side of the border, where the model's answer can be compared with the truth.

What the difference has in common along the border is spread over the whole mask by a membrane
(P. Pérez, M. Gangnet and A. Blake, "Poisson image editing", SIGGRAPH 2003), so a colour cast
disappears entirely. What is left of it, the detail that the model has lost, is mirrored into the
mask and fades out within some pixels; detail that the model made up beyond that of its
surroundings (noise) fades in over the same way, by Wiener's estimate of how much of it is true.
An answer that repeats the known pixels exactly is not changed at all.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from studio.core.geometry import Bounds
from studio.generation.border import Border, blurred, grown, mean_nearby
from studio.generation.membrane import Flags, Floats, membrane

_BAND: Final = 8
"""Width in pixels of the border zone in which the two pictures are compared."""

_FADE: Final = 17
"""Depth in pixels to which known detail reaches into the mask."""

_FINE: Final = 2.0
"""Detail is what a blur of this many pixels takes away."""

_UNSEEN: Final = np.float32(12)
"""Energy of detail, summed over the channels, that is too faint to be doubted."""

_CAST: Final = (32.0, 96.0)
"""Lengths of differences of colours: up to the first they are casts, from the second on never."""

_ALIKE: Final = 40.0
"""Distance of colours over which they cease to look like one backdrop."""

_OUTLIER: Final = 3.0
_TOLERANCE: Final = 8.0


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
    band = grown(inside, _BAND) & sure
    difference = known[window] - generated[window]
    if not difference[band].any():
        return generated
    broad = _broad_part(difference, band)
    detail = _detail(generated[window], known[window], difference - broad, Border(sure))
    healed = generated.copy()
    bridge = _bridge(generated[window], broad, grown(inside, 1) & sure) + detail
    healed[window] += bridge * inside[..., None]
    return healed


def _bridge(generated: Floats, broad: Floats, ring: Flags) -> Floats:
    """The broad difference on the ring, stretched over the mask.

    A cast lies on everything. What is more than one is another backdrop than the known one, so it
    is made good where the picture looks as it does on the ring, and what stands before that
    keeps its colours.
    """
    bridge = membrane(broad, ring)
    cast = cast_share(bridge)
    if cast.min() == 1:
        return bridge
    unlike = np.square((generated - membrane(generated, ring)) / _ALIKE).sum(2, keepdims=True)
    return np.asarray(bridge * (cast + (1 - cast) * np.exp(-unlike)), dtype=np.float32)


def cast_share(difference: Floats) -> Floats:
    """How far differences of colours, ``(…, channels)``, are a cast: ``(…, 1)``, 0 to 1."""
    sure, never = _CAST
    size = np.linalg.norm(difference, axis=-1, keepdims=True)
    return np.asarray(np.clip((never - size) / (never - sure), 0, 1), dtype=np.float32)


def _broad_part(difference: Floats, band: Flags) -> Floats:
    """What neighbouring parts of the border have in common, without its outliers."""
    samples = difference[band]
    middle = np.median(samples, axis=0)
    spread = np.median(np.abs(samples - middle), axis=0)
    limit = _OUTLIER * spread + _TOLERANCE
    return mean_nearby(np.clip(difference, middle - limit, middle + limit), band, _BAND)


def _detail(generated: Floats, known: Floats, lost: Floats, border: Border) -> Floats:
    """What to add to the generated detail, so that it begins like the known detail beside it."""
    sure = border.sure
    fade = np.clip(1 - border.depth / np.float32(_FADE), 0, 1) * ~sure
    fade = (fade * fade * (3 - 2 * fade))[..., None]
    made_up = generated - mean_nearby(generated, sure, _FINE)
    true = known - mean_nearby(known, sure, _FINE)
    doubt = _doubt(made_up, true, sure)
    wanted = border.mirrored(lost + doubt * made_up)
    fine = generated - blurred(generated, _FINE)
    return np.asarray((wanted - doubt * fine) * fade, dtype=np.float32)


def _doubt(made_up: Floats, true: Floats, sure: Flags) -> Floats:
    """How little the generated detail near a pixel foretells the true one, 0 to 1.

    One less Wiener's gain, that is the share of the generated detail that leaves the least error.
    """
    common = mean_nearby((made_up * true).sum(2, keepdims=True), sure, _BAND)
    energy = mean_nearby((made_up**2).sum(2, keepdims=True), sure, _BAND)
    share = (common + _UNSEEN) / (energy + _UNSEEN)
    return 1 - np.clip(share, 0, 1)


def _around(flags: Flags, margin: int) -> Bounds:
    """The rectangle around what is set, with a margin, inside the array."""
    found = Bounds(*cv2.boundingRect(flags.astype(np.uint8)))
    whole = Bounds(0, 0, flags.shape[1], flags.shape[0])
    return found if found.is_empty else found.padded(margin).intersection(whole)

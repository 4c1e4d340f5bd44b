"""What the model sees at first where the picture is unknown or about to be repainted."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from studio.generation.membrane import Floats, membrane
from studio.generation.request import Fill

_NEUTRAL: Final = 127.5
_BLUR: Final = 1 / 8


def fill_unknown(picture: Floats, known: Floats, mask: Floats, fill: Fill) -> Floats:
    """The picture with its unknown and masked pixels filled in.

    Args:
        picture: ``(h, w, 3)``, 0 to 255; anything where ``known`` is 0.
        known: ``(h, w)``, 0 to 1: how far the picture's colour there is to be trusted.
        mask: ``(h, w)``, 0 to 1: how far it is to be repainted; half-masked pixels are half filled.
        fill: ``expand`` stretches a membrane from the surroundings over the mask, ``blur`` blurs
            what was there, ``neutral`` is mid grey, ``none`` keeps what was there. Unknown pixels
            outside the mask are always expanded into, for the model to have some context.

    Returns:
        ``(h, w, 3)``, 0 to 255.
    """
    whole = picture if known.min() >= 1 else _expand(picture, known)
    if fill == "none" or not mask.any():
        return whole
    share = mask[..., None]
    return whole * (1 - share) + _inside(whole, known, mask, fill) * share


def _inside(whole: Floats, known: Floats, mask: Floats, fill: Fill) -> Floats:
    if fill == "neutral":
        return np.full_like(whole, _NEUTRAL)
    if fill == "blur":
        return _blurred(whole)
    return _expand(whole, np.where(mask < 0.5, known, np.float32(0)))


def _expand(picture: Floats, known: Floats) -> Floats:
    """Mid grey where nothing at all is known."""
    trusted = known >= 0.5
    if not trusted.any():
        return np.full_like(picture, _NEUTRAL)
    share = known[..., None]
    stretched = membrane(picture, trusted)
    return np.asarray(picture * share + stretched * (1 - share), dtype=np.float32)


def _blurred(picture: Floats) -> Floats:
    sigma = max(picture.shape[:2]) * _BLUR
    blurred = cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, dtype=np.float32)

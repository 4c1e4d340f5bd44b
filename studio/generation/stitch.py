"""From the model's answer to a patch that meets its surroundings.

Known pixels never change, so the generated side is made to meet them: first its tone is matched
to the known pixels that the model has also seen, then it is led over to them along the border of
the mask. Alpha says where the patch counts, so that plain source-over leaves every pixel outside
the mask as it was.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from studio.core.picture import Picture, Pixels
from studio.generation.membrane import Flags, Floats
from studio.generation.preparation import ModelInput, check_same_size, restore_size, to_bytes
from studio.generation.seam import cast_share, heal_seam

_LARGEST_GAIN: Final = 1.33
_RELATED: Final = 0.9
_FEWEST_SAMPLES: Final = 64
_MOST_SAMPLES: Final = 65_536


def finish_patch(
    result: Picture, prepared: ModelInput, source: Picture, mask: Picture, feather: int = 0
) -> Picture:
    """The patch to be laid over the source by plain source-over.

    Args:
        result: the model's answer to ``prepared``, of its size or that size enlarged.
        source: ``RGB`` or ``RGBA``, as it was prepared.
        mask: ``L``, of the source's size, as it was prepared.
        feather: width in pixels of the blend ring, which lies inside the mask.

    Returns:
        ``RGBA`` of the source's size: alpha is 0 outside the mask, the mask's value inside it,
        and rises from the known pixels inwards over the feather. Where the mask covers what the
        source lacks, the result is opaque.

    Raises:
        RequestError: if the mask is not of the source's size.
    """
    check_same_size(source, mask)
    known, change = source.rgba(), mask.array()
    generated = restore_size(result, prepared)
    trusted = (change == 0) & (known[..., 3] == 255)
    matched = match_tone(generated, known[..., :3].astype(np.float32), trusted)
    healed = heal_seam(matched, known[..., :3].astype(np.float32), change > 0, trusted)
    return _patch(to_bytes(healed), known, blend_mask(change, known[..., 3], feather))


def blend_mask(mask: Pixels, alpha: Pixels, feather: int) -> Pixels:
    """How far the generated pixels replace the known ones, 0 to 255.

    Args:
        mask: ``(h, w)``, 255 = repaint.
        alpha: ``(h, w)``, the source's own; a pixel that the source lacks is not feathered, since
            there is nothing to blend with.
        feather: pixels over which it rises from the nearest known pixel inwards.
    """
    if feather <= 0:
        return mask
    inside = ((mask > 0) | (alpha == 0)).astype(np.uint8)
    if inside.all():
        return mask
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ramp = to_bytes(np.asarray(distance, dtype=np.float32) * np.float32(255 / (feather + 1)))
    return np.minimum(mask, np.maximum(ramp, 255 - alpha))


def match_tone(generated: Floats, known: Floats, trusted: Flags) -> Floats:
    """Contrast and colour of the generated picture, as they are where the known one shows them.

    A straight line is fitted for each channel over the trusted pixels. Where the two have little
    in common, the contrast is left alone, and where they differ by more than a cast, the colour.

    Args:
        generated, known: ``(h, w, 3)``, 0 to 255.
        trusted: ``(h, w)``: where both show the same.
    """
    places = np.flatnonzero(trusted)
    if places.size < _FEWEST_SAMPLES:
        return generated
    places = places[:: max(1, places.size // _MOST_SAMPLES)]
    seen, wanted = (p.reshape(-1, 3)[places].astype(np.float64) for p in (generated, known))
    middle_seen, middle_wanted = seen.mean(0), wanted.mean(0)
    seen, wanted = seen - middle_seen, wanted - middle_wanted
    together, alone = (seen * wanted).mean(0), (seen**2).mean(0)
    related = together**2 > _RELATED**2 * np.maximum(alone * (wanted**2).mean(0), 1e-9)
    gain = np.divide(together, alone, out=np.ones(3), where=related & (alone > 1))
    gain = np.clip(gain, 1 / _LARGEST_GAIN, _LARGEST_GAIN)
    shift = middle_wanted - middle_seen
    shift = shift * cast_share(shift)
    offset = middle_seen * (1 - gain) + shift
    matched = generated * gain.astype(np.float32) + offset.astype(np.float32)
    return np.asarray(matched, dtype=np.float32)


def _patch(healed: Pixels, known: Pixels, blend: Pixels) -> Picture:
    """Patch pixels such that source-over gives the mix of known and generated that is meant.

    Where source-over alone would leave a pixel half transparent although the mask covers all that
    the source lacks (the soft edge of a picture that is extended), the mix is made here.
    """
    patch = np.dstack([healed, blend])
    patch[blend == 0] = 0
    alpha = known[..., 3]
    mixed = (alpha > 0) & (alpha < 255) & (blend >= 255 - alpha)
    if mixed.any():
        share = blend[mixed, None].astype(np.float32) / np.float32(255)
        mix = healed[mixed] * share + known[mixed][:, :3] * (1 - share)
        patch[mixed, :3] = to_bytes(mix)
        patch[mixed, 3] = 255
    return Picture.from_array(patch)

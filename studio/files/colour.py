"""From whatever pixels a file holds to 8-bit sRGB with straight alpha."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from studio.core.picture import Pixels
from studio.core.tiles import TILE

_DEEP_MODES = {"I", "F"}
_SRGB = ImageCms.createProfile("sRGB")
_CREATED = slice(24, 36)


def _timeless(profile: bytes) -> bytes:
    """A profile that does not say when it was made, so that equal pictures make equal files."""
    data = bytearray(profile)
    data[_CREATED] = bytes(12)
    return bytes(data)


SRGB_PROFILE = _timeless(ImageCms.ImageCmsProfile(_SRGB).tobytes())
"""Says in a file that its pixels are sRGB."""


def to_srgb(image: Image.Image) -> Pixels:
    """The pixels of a loaded image: ``(h, w)`` where it is grey, else ``(h, w, 3 | 4)``, uint8.

    More than 8 bits are scaled down, colour profiles and CMYK converted; a profile that makes no
    sense is ignored, as every viewer does.
    """
    profile = image.info.get("icc_profile")
    if image.mode in _DEEP_MODES or image.mode.startswith("I;16"):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    alpha = _alpha(image)
    colour = _without_alpha(image)
    if profile or colour.mode == "LAB":
        colour = _through_profile(colour, profile)
    if alpha is None:
        return np.asarray(colour if colour.mode == "L" else colour.convert("RGB"))
    return np.dstack([np.asarray(colour.convert("RGB")), np.asarray(alpha)])


def rgba_strips(
    image: Image.Image, alpha: Image.Image | None = None, height: int = TILE
) -> Iterator[Pixels]:
    """The pixels of a loaded image as straight RGBA in sRGB, from the top.

    Args:
        alpha: of the same size, where the image has none of its own.
        height: of each strip but the last; strips need little memory beside the image.
    """
    for top in range(0, image.height, height):
        box = (0, top, image.width, min(image.height, top + height))
        strip = rgba(to_srgb(image.crop(box)))
        if alpha is not None:
            strip = np.dstack([strip[..., :3], np.asarray(alpha.crop(box).convert("L"))])
        yield strip


def rgba(pixels: Pixels) -> Pixels:
    """Pixels of one to four channels as RGBA, 255 where there was no alpha."""
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    channels = pixels.shape[2]
    if channels == 4:
        return pixels
    colours = pixels[..., :3] if channels == 3 else np.repeat(pixels[..., :1], 3, axis=2)
    if channels == 2:
        return np.concatenate([colours, pixels[..., 1:]], axis=2)
    opaque = np.full((*pixels.shape[:2], 1), 255, dtype=np.uint8)
    return np.concatenate([colours, opaque], axis=2)


def _eight_bits(deep: npt.NDArray[np.generic]) -> Pixels:
    """Scales 16-bit integers, or floats from 0 to 1, to 0..255; never clips what fits."""
    values = np.nan_to_num(deep.astype(np.float32))
    full = 1.0 if np.issubdtype(deep.dtype, np.floating) and values.max(initial=0) <= 1 else 65535.0
    return np.asarray(np.clip(values * (255.0 / full) + 0.5, 0, 255).astype(np.uint8))


def _alpha(image: Image.Image) -> Image.Image | None:
    """The alpha channel, whether the file has one, a transparent palette entry or a colour key."""
    if not image.has_transparency_data:
        return None
    return image.convert("RGBA").getchannel("A")


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode in {"1", "L", "LA", "La"}:
        return image.convert("LA").convert("L") if image.mode == "La" else image.convert("L")
    if image.mode in {"CMYK", "LAB"}:
        return image
    return (image.convert("RGBA") if image.has_transparency_data else image).convert("RGB")


def _through_profile(colour: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB, read as its profile says."""
    try:
        source = (
            ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if profile
            else ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        )
        if ImageCms.getProfileDescription(source).startswith("sRGB"):
            return colour
        converted = ImageCms.profileToProfile(
            colour,
            source,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return colour
    if converted is None:
        return colour
    return converted.getchannel("G") if colour.mode == "L" else converted

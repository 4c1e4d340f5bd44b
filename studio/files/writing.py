"""Writing picture files, whole or not at all, in the format that the suffix names."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, features

from studio.core import atomic
from studio.core.errors import PictureError
from studio.core.picture import Picture
from studio.files import heif
from studio.files.colour import SRGB_PROFILE
from studio.files.metadata import SEGMENT_LIMIT, exif, png_text, xmp_packet
from studio.generation.recipe import Recipe

DEFAULT_QUALITY = 95
"""Of the formats that lose something, 1 to 100."""

Options = dict[str, Any]


class Format(NamedTuple):
    """A file format.

    Attributes:
        name: as Pillow calls it.
        suffixes: of its files, the usual one first.
        max_side: the most pixels that the format allows on a side.
        options: what Pillow is told, given quality and recipe.
        has_alpha: whether it keeps transparency; if not, white is laid under the picture.
        takes_profile: whether a colour profile says that the pixels are sRGB.
    """

    name: str
    suffixes: tuple[str, ...]
    max_side: int
    options: Callable[[int, Recipe | None], Options]
    has_alpha: bool = True
    takes_profile: bool = True


def write_picture(
    path: Path,
    picture: Picture,
    recipe: Recipe | None = None,
    quality: int = DEFAULT_QUALITY,
) -> None:
    """Writes a picture file in the format of its suffix, with the recipe inside.

    Raises:
        PictureError: if the format is unknown or cannot hold the picture, or the file cannot be
            written; what was there before is then intact.
    """
    data = encode(picture, format_of(path), recipe, quality)
    try:
        atomic.write_atomically(path, data)
    except OSError as error:
        raise PictureError(
            f"{path} cannot be written because {atomic.reason(error)}: choose another place."
        ) from error


def format_of(path: Path) -> Format:
    """The format that a file name's suffix stands for.

    Raises:
        PictureError: if it stands for none, with a list of those that are known.
    """
    suffix = path.suffix.lower()
    for known in FORMATS:
        if suffix in known.suffixes:
            return known
    if suffix in heif.SUFFIXES:
        raise PictureError(
            f"{path} cannot be written: HEIF takes the add-on pillow-heif, and .avif does as well "
            "without it."
        )
    names = ", ".join(known.suffixes[0] for known in FORMATS)
    wrong = f'of the format "{suffix}"' if suffix else "without a suffix"
    raise PictureError(f"{path} cannot be written {wrong}: use one of {names}.")


def encode(
    picture: Picture,
    file_format: Format,
    recipe: Recipe | None = None,
    quality: int = DEFAULT_QUALITY,
) -> bytes:
    """A file's content.

    Raises:
        PictureError: if the format cannot hold a picture of that size.
    """
    if picture.extent.longest > file_format.max_side:
        raise PictureError(
            f"A {file_format.name} file holds at most {file_format.max_side} pixels a side, and "
            f"the picture has {picture.extent}: use .png or .tif."
        )
    pixels = picture.array()
    if picture.mode == "RGBA" and not file_format.has_alpha:
        pixels = _over_white(pixels)
    buffer = io.BytesIO()
    options = file_format.options(quality, recipe)
    if file_format.takes_profile and picture.mode != "L":
        options["icc_profile"] = SRGB_PROFILE
    Image.fromarray(pixels).save(buffer, file_format.name, **options)
    return buffer.getvalue()


def encode_png(picture: Picture, recipe: Recipe | None = None) -> bytes:
    """A PNG file's content, with the recipe inside where there is one."""
    return encode(picture, _PNG, recipe)


def _over_white(rgba: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    alpha = rgba[..., 3:].astype(np.uint16)
    mixed = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return mixed.astype(np.uint8)


def _png_options(quality: int, recipe: Recipe | None) -> Options:
    return {"pnginfo": png_text(recipe)}


def _jpeg_options(quality: int, recipe: Recipe | None) -> Options:
    metadata = {
        name: data
        for name, data in _metadata(recipe).items()
        if len(data.tobytes() if isinstance(data, Image.Exif) else data) <= SEGMENT_LIMIT
    }
    return {"quality": quality, "subsampling": 0, "optimize": True, **metadata}


def _webp_options(quality: int, recipe: Recipe | None) -> Options:
    return {"quality": quality, "method": 4, "exact": True, **_metadata(recipe)}


def _avif_options(quality: int, recipe: Recipe | None) -> Options:
    return {"quality": quality, "subsampling": "4:4:4", **_metadata(recipe)}


def _tiff_options(quality: int, recipe: Recipe | None) -> Options:
    options: Options = {"compression": "tiff_adobe_deflate"}
    if recipe is not None:
        options["tiffinfo"] = {700: xmp_packet(recipe)}
    return options


def _metadata(recipe: Recipe | None) -> Options:
    return {} if recipe is None else {"exif": exif(recipe), "xmp": xmp_packet(recipe)}


def _heif_options(quality: int, recipe: Recipe | None) -> Options:
    heif.register()
    return {"quality": quality, "chroma": 444, **_metadata(recipe)}


_PNG = Format("PNG", (".png",), 2**31 - 1, _png_options, takes_profile=False)
FORMATS = (
    _PNG,
    Format("JPEG", (".jpg", ".jpeg"), 65_500, _jpeg_options, has_alpha=False),
    Format("WEBP", (".webp",), 16_383, _webp_options),
    Format("TIFF", (".tif", ".tiff"), 2**31 - 1, _tiff_options),
    *([Format("AVIF", (".avif",), 65_535, _avif_options)] if features.check("avif") else []),
    *([Format("HEIF", heif.SUFFIXES, 16_384, _heif_options)] if heif.CAN_WRITE else []),
)
"""Every format that can be written; AVIF and HEIF only where their encoders are there."""

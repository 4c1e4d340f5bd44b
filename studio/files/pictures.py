"""Reading picture files: whatever people have becomes 8-bit sRGB, upright, with straight alpha."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from studio.core import atomic
from studio.core.errors import PictureError
from studio.core.picture import Picture
from studio.files import heif
from studio.files.colour import to_srgb
from studio.files.limits import DAMAGE
from studio.files.metadata import recipe_in
from studio.files.writing import encode_png, write_picture
from studio.generation.recipe import Recipe

__all__ = [
    "LoadedPicture",
    "encode_png",
    "load_picture",
    "read_mask",
    "read_picture",
    "read_preview",
    "read_recipe",
    "write_picture",
]

MAX_SIDE = 16_384
"""No picture may be wider or higher, in pixels."""
MAX_PIXELS = 150_000_000
"""No picture may have more pixels; 600 MB as RGBA."""
MAX_PREVIEWED_PIXELS = 40_000_000
"""Decoding more would take longer than a preview is worth; of JPEG, after it was reduced."""
MAX_FILE_BYTES = 2**31
"""No file may be larger."""

_FORMATS = (
    *("PNG", "JPEG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF"),
    *("BMP", "PPM", "TGA", "JPEG2000", "PSD"),
)

# Our own limits, below, are checked from the header of every picture before it is decoded;
# Pillow's would warn, or refuse, at other sizes.
Image.MAX_IMAGE_PIXELS = None


class LoadedPicture(NamedTuple):
    """A picture as it was read.

    Attributes:
        picture: its pixels.
        recipe: how it was made, where the file says so.
        notes: sentences that the person should read, such as that it is animated.
    """

    picture: Picture
    recipe: Recipe | None
    notes: tuple[str, ...]


def load_picture(source: Path | bytes) -> LoadedPicture:
    """The picture of a file, or of a file's content, with what else is known about it.

    Of an animation or a document of several pages the first is taken.

    Raises:
        PictureError: if it is no picture, is damaged, or is larger than the limits.
    """
    name = _name(source)
    with _opened(source) as image, _damage_told(name):
        notes = _notes(image, name)
        image.load()
        recipe = recipe_in(image)
        pixels = to_srgb(_upright(image))
        return LoadedPicture(Picture.from_array(pixels), recipe, notes)


def read_picture(source: Path | bytes) -> Picture:
    """The pixels of a file, or of a file's content: ``L``, ``RGB`` or ``RGBA``.

    Raises:
        PictureError: if it is no picture, is damaged, or is larger than the limits.
    """
    return load_picture(source).picture


def read_preview(source: Path | bytes, side: int) -> Picture:
    """The pixels of a file, or of a file's content, made so small that no side is longer.

    Raises:
        PictureError: as for `read_picture`, and if it would take too long.
    """
    name = _name(source)
    with _opened(source) as image, _damage_told(name):
        image.draft("RGB", (2 * side, 2 * side))
        if image.width * image.height > MAX_PREVIEWED_PIXELS:
            raise PictureError(f"{name} is too large for a preview.")
        image.thumbnail((side, side), reducing_gap=2.0)
        return Picture.from_array(to_srgb(_upright(image)))


def read_mask(source: Path | bytes) -> Picture:
    """A mask, ``L``: 255 where the picture is to be repainted.

    That is where the file is white or, if anything in it is transparent, where it is transparent.

    Raises:
        PictureError: as for `read_picture`.
    """
    picture = read_picture(source)
    if picture.mode == "L":
        return picture
    pixels = picture.array()
    if picture.mode == "RGBA" and pixels[..., 3].min() < 255:
        return Picture.from_array(255 - pixels[..., 3])
    grey = Image.fromarray(np.ascontiguousarray(pixels[..., :3])).convert("L")
    return Picture.from_array(np.asarray(grey))


def read_recipe(path: Path) -> Recipe | None:
    """The recipe that a picture file carries; None where there is none. Decodes no pixels.

    Raises:
        PictureError: if the file cannot be read.
    """
    with _opened(path) as image, _damage_told(_name(path)):
        return recipe_in(image)


@contextlib.contextmanager
def _opened(source: Path | bytes) -> Iterator[Image.Image]:
    """The image with its header read and its size checked, but nothing decoded."""
    name = _name(source)
    data = source if isinstance(source, bytes) else _content(source)
    if not data:
        raise PictureError(f"{name} is empty: there is no picture in it.")
    heif.register()
    with _damage_told(name):
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    with image:
        width, height = image.size
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise PictureError(
                f"{name} has {width}x{height} pixels: the limit is {MAX_SIDE} a side and "
                f"{MAX_PIXELS // 1_000_000} million in all."
            )
        yield image


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise PictureError(f"{path} is a folder: name a picture file.")
        if not path.exists():
            raise PictureError(f"{path} does not exist.")
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            raise PictureError(f"{path} is no ordinary file of less than 2 GB.")
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {atomic.reason(error)}.") from error


@contextlib.contextmanager
def _damage_told(name: str) -> Iterator[None]:
    try:
        yield
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError(
            f"{name} is not a picture that can be read: PNG, JPEG, WebP, AVIF, HEIF, TIFF, GIF "
            "and BMP can."
        ) from error
    except DAMAGE as error:
        raise PictureError(
            f"{name} is damaged or cut off and cannot be read: get the whole file.",
            details=str(error),
        ) from error


def _notes(image: Image.Image, name: str) -> tuple[str, ...]:
    frames = int(getattr(image, "n_frames", 1))
    if frames < 2 or image.format == "MPO":
        return ()
    if image.format == "TIFF":
        return (f"{name} has {frames} pages: the first is used.",)
    return (f"{name} is animated: its first frame is used.",)


def _upright(image: Image.Image) -> Image.Image:
    """The image turned as its EXIF orientation says; unreadable EXIF turns nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except DAMAGE:
        return image


def _name(source: Path | bytes) -> str:
    return "The picture" if isinstance(source, bytes) else str(source)

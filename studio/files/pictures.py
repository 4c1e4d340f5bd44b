"""Picture files: reading whatever people have, writing what every program opens.

Everything read becomes 8-bit sRGB with straight alpha, upright as its EXIF orientation says.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from studio.core import atomic
from studio.core.errors import PictureError
from studio.core.picture import Picture
from studio.files.recipe import KEYWORD, recipe_from_json, recipe_to_json
from studio.generation.recipe import Recipe


def read_picture(source: Path | bytes) -> Picture:
    """The picture of a file, or of a file's content.

    Raises:
        PictureError: if it is no picture, is damaged, or is too large.
    """
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            return Picture.from_array(np.asarray(upright.convert(mode)))
    except OSError as error:
        raise PictureError(f"{_name(source)} cannot be read: {error}.") from error


def write_picture(path: Path, picture: Picture, recipe: Recipe | None = None) -> None:
    """Writes a picture file, whole or not at all; its suffix says the format.

    Raises:
        PictureError: if the format is unknown or the file cannot be written.
    """
    try:
        atomic.write_atomically(path, encode_png(picture, recipe))
    except OSError as error:
        raise PictureError(f"{path} cannot be written because {atomic.reason(error)}.") from error


def encode_png(picture: Picture, recipe: Recipe | None = None) -> bytes:
    """A PNG file's content, with the recipe inside where there is one."""
    text = PngInfo()
    if recipe is not None:
        text.add_itxt(KEYWORD, recipe_to_json(recipe))
    buffer = io.BytesIO()
    Image.fromarray(picture.array()).save(buffer, "PNG", pnginfo=text)
    return buffer.getvalue()


def read_recipe(path: Path) -> Recipe | None:
    """The recipe that a picture file carries; None where there is none.

    Raises:
        PictureError: if the file cannot be read.
    """
    try:
        with Image.open(path) as image:
            text = image.info.get(KEYWORD)
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error}.") from error
    return recipe_from_json(text) if isinstance(text, str) else None


def _name(source: Path | bytes) -> str:
    return "The picture" if isinstance(source, bytes) else str(source)

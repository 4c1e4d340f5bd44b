"""PNG files as the gallery keeps them: lossless, with their recipe inside.

What knows file formats is read in with the first picture: the window opens sooner.
"""

from __future__ import annotations

from pathlib import Path

from studio.core.picture import Picture
from studio.generation.recipe import Recipe


class PngCodec:
    """Turns pictures into PNG files and back."""

    def encode(self, picture: Picture, recipe: Recipe | None) -> bytes:
        """A PNG file's content."""
        from studio.files.writing import encode_png

        return encode_png(picture, recipe)

    def decode(self, path: Path) -> tuple[Picture, Recipe | None]:
        """The picture of a file, and the recipe that it carries.

        Raises:
            PictureError: if it is no whole picture.
        """
        from studio.files.pictures import read_picture, read_recipe

        return read_picture(path), read_recipe(path)

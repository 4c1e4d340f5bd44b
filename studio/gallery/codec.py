"""What the gallery needs to know of file formats: as little as this."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from studio.core.picture import Picture
from studio.generation.recipe import Recipe


class Codec(Protocol):
    """Turns pictures into PNG files with their recipe inside, and back."""

    def encode(self, picture: Picture, recipe: Recipe | None) -> bytes:
        """A PNG file's content."""

    def decode(self, path: Path) -> tuple[Picture, Recipe | None]:
        """The picture of a file, and the recipe that it carries, if any.

        Raises:
            PictureError: if it is no whole picture.
        """

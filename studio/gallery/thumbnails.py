"""Small pictures of the gallery's entries, made when they are first asked for."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from studio.core import atomic
from studio.core.errors import GalleryError
from studio.core.geometry import Extent
from studio.gallery import names
from studio.gallery.entry import Entry

SIZE = Extent(256, 256)
"""No thumbnail is wider or higher, in pixels."""


class Thumbnails:
    """A folder of thumbnails, named by the content of their pictures.

    May be used from any thread; making one takes tens of milliseconds, so not from the GUI's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cached(self, entry: Entry) -> Path | None:
        """Where the thumbnail lies, if it was made already; quick."""
        path = self._place(entry)
        return path if path.exists() else None

    def read(self, entry: Entry) -> bytes:
        """The thumbnail as a PNG file's content; it is made if there is none, and kept if it can.

        Raises:
            GalleryError: if the entry's picture cannot be read.
        """
        place = self._place(entry)
        with contextlib.suppress(OSError):
            return place.read_bytes()
        made = _made(entry)
        with contextlib.suppress(OSError):  # a full disk is no reason to show nothing
            place.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_atomically(place, made)
        return made

    def _place(self, entry: Entry) -> Path:
        return self.folder / names.thumbnail_path(entry.digest, SIZE)


def _made(entry: Entry) -> bytes:
    try:
        return _shrunk(entry.path)
    except OSError as error:
        raise GalleryError(
            f"No thumbnail of {entry.path} can be made because {atomic.reason(error)}."
        ) from error
    except (SyntaxError, ValueError) as error:  # what Pillow's decoders say of damage
        raise GalleryError(
            f"No thumbnail of {entry.path} can be made because the file is damaged."
        ) from error


def _shrunk(path: Path) -> bytes:
    from PIL import Image  # takes a twentieth of the start, and the window begins without

    Image.MAX_IMAGE_PIXELS = None  # they were made here, and are as large as canvases may be
    with Image.open(path) as image:
        image.thumbnail(SIZE, Image.Resampling.LANCZOS, reducing_gap=2.0)
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()

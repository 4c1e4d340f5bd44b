"""Small pictures of files, as lists of files show them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from studio.core.errors import PictureError
from studio.core.picture import Picture
from studio.files.limits import DAMAGE
from studio.files.openraster.archive import Archive
from studio.files.openraster.layout import THUMBNAIL_ENTRY
from studio.files.pictures import read_preview


def preview(path: Path, side: int) -> Picture:
    """What a file looks like, no side longer than that: an OpenRaster document says it itself.

    Raises:
        PictureError: if nothing can be seen of it, or only with much work.
    """
    if path.suffix.lower() != ".ora":
        return read_preview(path, side)
    try:
        with zipfile.ZipFile(path) as file:
            thumbnail = Archive(file, path).text(THUMBNAIL_ENTRY)
    except DAMAGE as error:
        raise PictureError(f"{path} cannot be read.", details=str(error)) from error
    if thumbnail is None:
        raise PictureError(f"{path} holds no thumbnail.")
    return read_preview(thumbnail, side)

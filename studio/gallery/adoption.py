"""Files without a row: left by a crash, by a lost database, or put back by the person."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path, PurePosixPath

from studio.core import atomic
from studio.core.errors import PictureError
from studio.gallery import names
from studio.gallery.codec import Codec
from studio.gallery.entry import Entry

log = logging.getLogger(__name__)

STALE_SECONDS = 3600.0
"""A temporary file that is older was left by a crash; a younger one may still be written."""

_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"\d{4}-\d{2}")


def picture_files(folder: Path) -> set[str]:
    """The gallery's picture files, as paths within its folder with slashes.

    Temporary files that a crash left are removed on the way. Quick also with many thousands.

    Raises:
        OSError: if a folder cannot be read.
    """
    found = set()
    for year in _folders(folder, _YEAR):
        for month in _folders(folder / year, _MONTH):
            for name in os.listdir(folder / year / month):
                if name.startswith(atomic.TEMPORARY_PREFIX):
                    _sweep(folder / year / month / name)
                elif name.endswith(".png"):
                    found.add(f"{year}/{month}/{name}")
    return found


def _folders(parent: Path, pattern: re.Pattern[str]) -> list[str]:
    with os.scandir(parent) as entries:
        return [entry.name for entry in entries if entry.is_dir() and pattern.fullmatch(entry.name)]


def adoptable(folder: Path, places: Iterable[str], codec: Codec) -> Iterator[Entry]:
    """Entries for those of the files that are whole pictures and carry a recipe."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        for entry in pool.map(partial(read_entry, folder, codec), sorted(places)):
            if entry is not None:
                yield entry


def read_entry(folder: Path, codec: Codec, place: str) -> Entry | None:
    """The entry of a file as the file itself tells; None where it is no picture with a recipe."""
    path = folder / place
    try:
        picture, recipe = codec.decode(path)
    except PictureError as error:
        log.warning("not adopted: %s", error.message)
        return None
    if recipe is None:
        return None
    return Entry(
        id=names.id_in(PurePosixPath(place).name) or names.new_id(),
        path=path,
        width=picture.width,
        height=picture.height,
        digest=picture.digest,
        recipe=recipe,
    )


def _sweep(temporary: Path) -> None:
    try:
        age = time.time() - temporary.stat().st_mtime
    except OSError:
        return
    if age > STALE_SECONDS:
        atomic.discard(temporary)

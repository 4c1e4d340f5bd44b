"""Files that are on this computer already: the same weights are part of many models.

All of FLUX.1 have one text encoder of ten gigabytes between them, and some repositories were
fetched by other programs before. Such a file is linked, or copied where the drive has no links,
once its content has been checked.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from studio.core.atomic import publish
from studio.generation.checksums import CHECKSUMS, Checksum, read_checksums
from studio.models.hub.fetching import Wanted
from studio.models.progress import Meter

_CHUNK: Final = 4 * 2**20


class Twins:
    """Finds files by their content.

    Args:
        models: folder of the installed models.
        cache: where the hub's own library keeps what it fetched.
    """

    def __init__(self, models: Path, cache: Path) -> None:
        self._models = models
        self._cache = cache
        self._installed = dict(_installed(models))

    def on_this_drive(self, wanted: Wanted) -> bool:
        """Whether an installed model has the file, so that it takes no room."""
        return bool(wanted.sha256) and wanted.sha256 in self._installed

    async def take(self, wanted: Wanted, meter: Meter) -> Checksum | None:
        """Puts a twin of a file in its place; None where there is none, or it is damaged.

        Raises:
            OSError: if the drive is full.
        """
        for path in self._places(wanted):
            if await _sha256(path, wanted, meter) == wanted.sha256:
                await _link(path, wanted)
                return Checksum(wanted.sha256, wanted.size)
        return None

    def _places(self, wanted: Wanted) -> Iterator[Path]:
        if not wanted.sha256:
            return
        folder = f"models--{wanted.whose.replace('/', '--')}"
        cached = self._cache / folder / "blobs" / wanted.sha256
        for path in (self._installed.get(wanted.sha256), cached):
            with contextlib.suppress(OSError):
                if path is not None and path.stat().st_size == wanted.size:
                    yield path


def cache_of_the_library(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the hub's own library keeps files, by the variables that it heeds."""
    if folder := environment.get("HF_HUB_CACHE"):
        return Path(folder).expanduser()
    home = environment.get("HF_HOME") or "~/.cache/huggingface"
    return Path(home).expanduser() / "hub"


def _installed(models: Path) -> Iterator[tuple[str, Path]]:
    for written in models.glob(f"*/{CHECKSUMS}"):
        with contextlib.suppress(OSError, ValueError):
            for name, checksum in read_checksums(written.parent).items():
                yield checksum.sha256, written.parent / name


async def _sha256(path: Path, wanted: Wanted, meter: Meter) -> str:
    """Of a file, in hexadecimal; empty where it cannot be read."""
    found, done = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                found.update(chunk)
                done += len(chunk)
                meter.add(len(chunk), wanted.name)
    except OSError:
        meter.add(-done, wanted.name)
        return ""
    if found.hexdigest() != wanted.sha256:
        meter.add(-done, wanted.name)
    return found.hexdigest()


async def _link(path: Path, wanted: Wanted) -> None:
    """Makes the file at its place, whole or not at all."""
    wanted.target.parent.mkdir(parents=True, exist_ok=True)
    wanted.part.unlink(missing_ok=True)
    try:
        os.link(path.resolve(), wanted.part)
    except OSError:
        await _copy(path, wanted.part)
    publish(wanted.part, wanted.target)


async def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as file, target.open("wb") as copy:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            await asyncio.to_thread(copy.write, chunk)
        os.fsync(copy.fileno())

"""Copying what is imported into the folder of installed models, with a checksum of every file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from studio.core.atomic import reason, replacing
from studio.core.errors import ModelError
from studio.generation.checksums import Checksum
from studio.models.control import Control
from studio.models.progress import Meter, Stage
from studio.models.staging import Origin, Staging, open_staging
from studio.models.tables import Named

_CHUNK: Final = 4 * 2**20


def copy_parts(
    models: Path,
    named: Named,
    parts: Mapping[str, Mapping[str, Path]],
    origins: Mapping[str, Path],
    meter: Meter,
    control: Control,
) -> None:
    """Copies files so that each part is there whole or not at all.

    Args:
        models: folder of the installed models.
        named: the model or adapter, a folder of which is made.
        parts: of each role the files, by their names below the part's folder.
        origins: of each role the file or folder that was imported.
        meter: counts bytes.
        control: pauses or cancels from another thread.

    Raises:
        Stopped: once it was cancelled; nothing is left behind.
        ModelError: if there is no room, or a file cannot be read or written.
    """
    try:
        with open_staging(models, named.id, named.title) as staging:
            staging.clear()
            _copy_all(staging, named, parts, origins, meter, control)
    except OSError as error:
        raise ModelError(
            f"{named.title} cannot be copied because {reason(error)}: mend that and try again, "
            "or import it without copying."
        ) from error


def _copy_all(
    staging: Staging,
    named: Named,
    parts: Mapping[str, Mapping[str, Path]],
    origins: Mapping[str, Path],
    meter: Meter,
    control: Control,
) -> None:
    size = sum(file.stat().st_size for files in parts.values() for file in files.values())
    try:
        for role in parts:
            staging.place(role, "").mkdir(parents=True, exist_ok=True)
        staging.check_space(size, named.title)
        meter.begin(Stage.COPYING, size)
        for role, files in parts.items():
            for name, file in files.items():
                target = staging.place(role, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                staging.finish(role, name, _copy(file, target, meter, control))
        for role, files in parts.items():
            staging.publish(
                role, set(files), Origin(url=Path(os.path.realpath(origins[role])).as_uri())
            )
    finally:
        staging.clear()


def _copy(source: Path, target: Path, meter: Meter, control: Control) -> Checksum:
    found, size = hashlib.sha256(), 0
    with source.open("rb") as file, replacing(target) as copy:
        while chunk := file.read(_CHUNK):
            control.checkpoint()
            copy.write(chunk)
            found.update(chunk)
            size += len(chunk)
            meter.add(len(chunk), source.name)
    return Checksum(found.hexdigest(), size)

"""Looking after what is installed: is it what it was, what does it take, and away with it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.atomic import reason
from studio.core.errors import ModelError
from studio.core.units import file_size
from studio.generation.catalog import Installable, InstalledPart
from studio.generation.checksums import Checksum, checksums_of
from studio.generation.seals import Seals
from studio.models.control import Control
from studio.models.imported import remove_table
from studio.models.progress import Meter, Report, Stage
from studio.models.staging import open_staging, vanish

_CHUNK: Final = 4 * 2**20


@dataclass(frozen=True)
class Fault:
    """A file that is not what it should be.

    Attributes:
        role: the part that it belongs to.
        path: of the file.
        what: "is missing" or "is damaged".
    """

    role: str
    path: Path
    what: str


@dataclass(frozen=True)
class Verdict:
    """What checking a model found.

    Attributes:
        checked: files that have a checksum.
        faults: those of them that are not what they should be.
    """

    checked: int
    faults: tuple[Fault, ...]


def verify(item: Installable, report: Report, control: Control | None = None) -> Verdict:
    """Compares every file of an installed model with its checksum.

    Args:
        item: a model or adapter of the catalog.
        report: hears how far it is, in this thread.
        control: pauses or cancels it from another thread.

    Raises:
        Stopped: once it was cancelled.
        ModelError: if it is not installed, or its files or checksums cannot be read.
    """
    for part in item.parts:
        if not part.exists:
            raise absent(item, part)
    try:
        return _examine(item, Meter(report), control or Control())
    except OSError as error:
        raise ModelError(
            f"{item.title} cannot be checked because {reason(error)}: try again."
        ) from error


def damaged_files(item: Installable, meter: Meter, control: Control) -> dict[str, set[str]]:
    """Of the parts that are there the files that are not what they should be.

    Returns:
        Names below the part's folder, by role.

    Raises:
        Stopped: once it was cancelled.
        ModelError: if the checksums cannot be read.
        OSError: if a file cannot be read.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for fault in _examine(item, meter, control).faults:
        part = next(part for part in item.parts if part.role == fault.role)
        folder = part.path.parent if part.source.file_name else part.path
        found[fault.role].add(fault.path.relative_to(folder).as_posix())
    return found


def absent(item: Installable, part: InstalledPart) -> ModelError:
    """Says that a part is not where it should be, and what to do."""
    is_fetched = part.source.hub or part.source.url
    return ModelError(
        f"The {part.role} of {item.title} should lie in {part.path} and is not there: connect the "
        f"drive, or {'install it' if is_fetched else 'import it again'}."
    )


def remedy(item: Installable, role: str) -> str:
    """What the person does about a damaged part that cannot be fetched; empty where it can.

    Returns:
        An imperative without a full stop.
    """
    part = next(part for part in item.parts if part.role == role)
    if part.source.hub or part.source.url:
        return ""
    if part.source.bundled:
        return "install Sfumato again"
    owner = checksums_of(part.path)[0].name
    if owner != item.id:
        return f"it is lent by {owner}: install that again"
    return f"remove {item.title}, and import it again"


def remove(item: Installable, models: Path) -> int:
    """Removes an installed model or adapter, and what was fetched of it; returns the bytes.

    What was imported is forgotten; of its files only copies are removed.

    Args:
        item: of the catalog.
        models: folder of the installed models.

    Raises:
        ModelError: if it is not installed there, or cannot be removed.
    """
    folder = models / item.id
    try:
        with open_staging(models, item.id, item.title) as staging:
            size, fetched = _size(folder), staging.fetched
            staging.clear()
            was_imported = remove_table(models, item.id)
            if folder.is_dir():
                vanish(folder, models)
            elif not (was_imported or fetched):
                raise ModelError(_not_ours(item))
            return size + fetched
    except OSError as error:
        raise ModelError(
            f"{item.title} cannot be removed because {reason(error)}: close what uses it and "
            "try again."
        ) from error


def farewell(item: Installable, freed: int) -> str:
    """Says that something is removed, and what room there is again."""
    if not freed:
        return f"{item.title} is removed; your own files stay."
    return f"{item.title} is removed: {file_size(freed)} are free again."


def _not_ours(item: Installable) -> str:
    if any(part.source.bundled for part in item.parts):
        return f"{item.title} comes with Sfumato and stays: there is nothing to remove."
    if any(part.source.path for part in item.parts):
        return f"{item.title} stands in your own models.toml: remove its table there."
    return f"{item.title} is not installed, so there is nothing to remove."


@dataclass(frozen=True)
class _File:
    """One that has a checksum; its name is relative to the folder of the checksums."""

    role: str
    folder: Path
    name: str
    checksum: Checksum


def _examine(item: Installable, meter: Meter, control: Control) -> Verdict:
    listed = [file for part in item.parts if part.exists for file in _listed(part)]
    if listed:
        meter.begin(Stage.CHECKING, sum(file.checksum.size for file in listed))
    faults = []
    for file in listed:
        path = file.folder / file.name
        if what := _fault(path, file.checksum, meter, control):
            Seals(file.folder).drop([file.name])
            faults.append(Fault(file.role, path, what))
    return Verdict(len(listed), tuple(faults))


def _listed(part: InstalledPart) -> Iterator[_File]:
    """The files of a part that have a checksum."""
    try:
        folder, listed = checksums_of(part.path)
    except ValueError as error:
        raise ModelError(
            f"The checksums beside {part.path} cannot be read: remove the model and install it "
            "again."
        ) from error
    for name, checksum in listed.items():
        yield _File(part.role, folder, name, checksum)


def _fault(path: Path, checksum: Checksum, meter: Meter, control: Control) -> str:
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != checksum.size:
        return "is damaged"
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            control.checkpoint()
            found.update(chunk)
            meter.add(len(chunk), path.name)
    return "" if found.hexdigest() == checksum.sha256 else "is damaged"


def _size(folder: Path) -> int:
    """Bytes that only this folder takes: files may be linked from other models as well."""
    states = (path.stat() for path in folder.rglob("*") if path.is_file())
    return sum(state.st_size for state in states if state.st_nlink < 2)

"""Weights on disk: whether they are there, and whether they are what they were.

Only ``.safetensors`` files are ever loaded. A ``checksums.json`` beside the parts' folders maps
each file, relative to it, to its ``sha256`` and ``size``. Files without one, such as those that
people keep elsewhere, are read ahead of whoever loads them, so that it can be told how far that is.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import psutil  # type: ignore[import-untyped]

from studio.core.errors import ModelError
from studio.generation.catalog import InstalledPart
from studio.generation.checksums import Checksums, checksums_of
from studio.generation.needs import loaded_at_once, weights_in
from studio.generation.seals import Seals

Told: TypeAlias = Callable[[int, int], None]
"""Takes how many bytes are read, and of how many."""

_CHUNK: Final = 2**20


class Weighed(Protocol):
    """What has weights: a model, or something beside it."""

    @property
    def title(self) -> str:
        """For people."""

    @property
    def parts(self) -> tuple[InstalledPart, ...]:
        """What it is made of."""


def verify(model: Weighed, told: Told = lambda done, total: None) -> str:
    """Compares a model's files with their checksums, where there are any.

    Files that were compared before and have not been touched since are taken as they are.

    Args:
        model: its parts lie where the catalog says.
        told: called after each MiB; what it raises ends the reading.

    Returns:
        A digest that names the weights by content; empty where there are no checksums.

    Raises:
        ModelError: if a part or file is missing or damaged, naming it.
    """
    remedy = _remedy(model)
    for part in model.parts:
        if not part.exists:
            raise ModelError(f"{model.title} lacks its {part.role} in {part.path}: {remedy}.")
        if part.path.is_dir() and not any(part.path.rglob("*.safetensors")):
            raise ModelError(f"{part.path} holds no .safetensors file: {remedy}.")
    listed = _listed(model.parts, remedy)
    ahead = _unlisted(model.parts)
    sizes = [each.size for files in listed.values() for each in files.values()]
    reading = _Reading(told, sum(sizes) + sum(ahead.values()))
    is_ours = all(map(_is_ours, model.parts))
    digests = [
        _verify_folder(
            folder, files, Seals(folder) if is_ours else None, f"of {model.title}", remedy, reading
        )
        for folder, files in listed.items()
    ]
    for path in ahead:
        reading.ahead(path)
    return hashlib.sha256("".join(digests).encode()).hexdigest() if digests else ""


class _Reading:
    """Reads files, and tells how far it is with all of them."""

    def __init__(self, told: Told, total: int) -> None:
        self._told = told
        self._total = total
        self._done = 0

    def sha256(self, path: Path) -> str:
        """A file's digest in hexadecimal."""
        found = hashlib.sha256()
        for chunk in self._chunks(path):
            found.update(chunk)
        return found.hexdigest()

    def ahead(self, path: Path) -> None:
        """Has the system read a file; whoever loads it says what is wrong with it."""
        with contextlib.suppress(OSError):
            for _ in self._chunks(path):
                pass

    def skip(self, size: int) -> None:
        """Counts what need not be read."""
        self._done += size
        self._told(self._done, self._total)

    def _chunks(self, path: Path) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(_CHUNK))
        with path.open("rb", buffering=0) as file:
            while size := file.readinto(buffer):
                yield buffer[:size]
                self.skip(size)


def _unlisted(parts: tuple[InstalledPart, ...]) -> dict[Path, int]:
    """The sizes of files that are about to be loaded and have no checksums.

    None where they are more than the memory holds: what is read ahead would be gone by then.
    """
    files: dict[Path, int] = {}
    for part in loaded_at_once(parts):
        _, listed = checksums_of(part.path)
        if not listed:
            present = filter(Path.is_file, weights_in(part.path))
            files |= {path: path.stat().st_size for path in present}
    return files if sum(files.values()) < psutil.virtual_memory().available else {}


def _remedy(model: Weighed) -> str:
    if all(part.source.bundled for part in model.parts):
        return "install Sfumato again"
    if any(part.source.path for part in model.parts):
        return "look whether its drive is connected, or import it again"
    return "install the model again, or choose another one"


def _is_ours(part: InstalledPart) -> bool:
    """Whether it lies in the folder of installed models, where Sfumato may write."""
    source = part.source
    is_elsewhere = source.bundled or Path(source.path).expanduser().is_absolute()
    return not is_elsewhere


def _listed(parts: tuple[InstalledPart, ...], remedy: str) -> dict[Path, Checksums]:
    """The checksums of the parts, by the folder that they lie in, in the order of their names."""
    found: dict[Path, Checksums] = {}
    for part in parts:
        try:
            folder, listed = checksums_of(part.path)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The checksums beside {part.path} cannot be read: {remedy}."
            ) from error
        if listed:
            found.setdefault(folder, {}).update(listed)
    return {folder: dict(sorted(found[folder].items())) for folder in sorted(found)}


def _verify_folder(
    folder: Path,
    listed: Checksums,
    seals: Seals | None,
    whose: str,
    remedy: str,
    reading: _Reading,
) -> str:
    seen = seals.look(listed) if seals else {}
    found = hashlib.sha256()
    for name, checksum in listed.items():
        path = folder / name
        if not path.is_file():
            raise ModelError(f"The file {name} {whose} is missing: {remedy}.")
        if seals and seals.hold(name):
            reading.skip(checksum.size)
        elif path.stat().st_size != checksum.size or reading.sha256(path) != checksum.sha256:
            raise ModelError(f"The file {name} {whose} is damaged: {remedy}.")
        found.update(f"{name} {checksum.sha256}\n".encode())
    if seals:
        seals.renew(seen)
    return found.hexdigest()

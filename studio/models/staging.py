"""Where a model lies while it is installed, so that nothing half-done looks installed.

Everything is fetched into a folder of its own beside the installed models, on the same drive, and
a part is renamed into its place when it is whole. What a crash leaves is found again, and a lock
that the system lets go of when a process dies keeps two programs from installing the same model.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from studio.core.atomic import sync_folder, write_atomically
from studio.core.claims import let_go
from studio.core.errors import ModelError
from studio.generation.catalog import STAGING_FOLDER
from studio.generation.checksums import (
    CHECKSUMS,
    Checksum,
    Checksums,
    read_checksums,
    write_checksums,
)
from studio.generation.seals import Seals

ORIGINS_FILE: Final = "origins.json"
"""Beside a model's checksums: where each part came from."""

_WORTH_BYTES: Final = 2**20

_LOCK_SUFFIX: Final = ".lock"
_PATIENCE_SECONDS: Final = 0.2
"""How long a lock is tried: who ends and who sweeps holds it for a moment."""

_REMOVED: Final = ".removed"
"""Below the staging folder: what is on its way out."""

SPARE_BYTES: Final = 256 * 2**20
"""What is left free on the drive, for everything else."""


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a part came from: a repository at a commit, or an address."""

    hub: str = ""
    revision: str = ""
    url: str = ""


class Staging:
    """The work on one model; use `open_staging`.

    Args:
        models: folder of the installed models.
        model_id: of the model.
    """

    def __init__(self, models: Path, model_id: str) -> None:
        self._models = models
        self._installed = models / model_id
        self._folder = models / STAGING_FOLDER / model_id
        self._done = _read(self._folder)

    @property
    def fetched(self) -> int:
        """Bytes that lie here."""
        return _fetched(self._folder)

    def place(self, role: str, name: str) -> Path:
        """Where a file of a part is brought together; the name has slashes."""
        return self._folder / role / name

    def finished(self, role: str, name: str) -> Checksum | None:
        """What a file is that was fetched and checked before; None where it has to be fetched."""
        return self._done.get(f"{role}/{name}") if self.place(role, name).is_file() else None

    def finish(self, role: str, name: str, checksum: Checksum) -> None:
        """Records that a file is there and right.

        The record is written when it is worth it: small files are fetched again in no time.
        """
        self._done[f"{role}/{name}"] = checksum
        if checksum.size >= _WORTH_BYTES:
            write_checksums(self._folder, self._done)

    def adopt(self, role: str, good: set[str]) -> None:
        """Takes an installed part back for repair, and of its files only those that are good.

        Args:
            role: the part's.
            good: names with slashes, below the part's folder.
        """
        installed = _read(self._installed)
        keys = {f"{role}/{name}" for name in good}
        self._done |= {key: installed[key] for key in keys & set(installed)}
        self._folder.mkdir(parents=True, exist_ok=True)
        write_checksums(self._folder, self._done)
        if (self._folder / role).exists():
            vanish(self._folder / role, self._models)
        (self._installed / role).rename(self._folder / role)

    def check_space(self, needed: int, title: str) -> None:
        """Makes sure that so many more bytes fit on the drive.

        Raises:
            ModelError: if they do not.
        """
        free = shutil.disk_usage(self._folder).free
        if free < needed + SPARE_BYTES:
            raise ModelError(
                f"{title} needs {(needed + SPARE_BYTES) / 1e9:.1f} GB of room and the drive of "
                f"{self._folder.parent} has {free / 1e9:.1f} GB free: make room there first."
            )

    def publish(self, role: str, names: set[str], origin: Origin) -> None:
        """Puts a part in its place: exactly these files, all of which are finished.

        Its checksums are written first, since they mean nothing without the part.
        """
        _prune(self._folder / role, names)
        part = {key: self._done[key] for key in (f"{role}/{name}" for name in names)}
        others = {
            key: checksum
            for key, checksum in _read(self._installed).items()
            if not key.startswith(f"{role}/")
        }
        self._installed.mkdir(parents=True, exist_ok=True)
        write_checksums(self._installed, others | part)
        _write_origin(self._installed, role, origin)
        if (self._installed / role).exists():
            vanish(self._installed / role, self._models)
        (self._folder / role).rename(self._installed / role)
        sync_folder(self._installed)
        seals = Seals(self._installed)
        seals.renew(seals.look(part))

    def clear(self) -> None:
        """Removes what is left when all is done."""
        shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def open_staging(models: Path, model_id: str, title: str) -> Iterator[Staging]:
    """The work on a model, which nobody else does meanwhile.

    Raises:
        ModelError: if another program is at it.
        OSError: if the folder cannot be made.
    """
    folder = models / STAGING_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{model_id}{_LOCK_SUFFIX}", timeout=_PATIENCE_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise ModelError(
            f"{title} is being installed or removed by another program: wait until that is done."
        ) from error
    try:
        (folder / model_id).mkdir(exist_ok=True)  # not before: who held the lock may clear it
        yield Staging(models, model_id)
    finally:
        let_go(lock)
        _sweep(folder)


def staged_bytes(models: Path) -> dict[str, int]:
    """What was fetched of models whose installation has not come to its end, by their ids.

    Args:
        models: folder of the installed models.
    """
    folders = [path for path in (models / STAGING_FOLDER).glob("*/") if path.name != _REMOVED]
    sizes = {folder.name: _fetched(folder) for folder in folders}
    return {model_id: size for model_id, size in sizes.items() if size}


def read_origins(folder: Path) -> dict[str, Origin]:
    """Where an installed model's parts came from, by role; what cannot be read is left out."""
    try:
        return msgspec.json.decode((folder / ORIGINS_FILE).read_bytes(), type=dict[str, Origin])
    except (OSError, ValueError):
        return {}


def vanish(path: Path, models: Path) -> None:
    """Removes a folder or file so that, whatever happens, it is there whole or gone.

    Args:
        path: below the folder of models.
        models: folder of the installed models, where it is put aside first.

    Raises:
        OSError: if it cannot be taken away.
    """
    aside = models / STAGING_FOLDER / _REMOVED
    aside.mkdir(parents=True, exist_ok=True)
    path.rename(aside / uuid.uuid4().hex)
    for left in aside.iterdir():  # also of those that were cut short before
        shutil.rmtree(left, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Removes the locks that crashes left; those that are held stay."""
    for path in folder.glob(f"*{_LOCK_SUFFIX}"):
        left = FileLock(path, timeout=0)
        with contextlib.suppress(Timeout, OSError):
            left.acquire()
            let_go(left)


def _write_origin(folder: Path, role: str, origin: Origin) -> None:
    origins = read_origins(folder) | {role: origin}
    encoded = msgspec.json.encode(origins)
    write_atomically(folder / ORIGINS_FILE, msgspec.json.format(encoded, indent=2) + b"\n")


def _read(folder: Path) -> Checksums:
    """Checksums that are there to be used; none where they cannot be read."""
    try:
        return read_checksums(folder)
    except (OSError, ValueError):
        return {}


def _fetched(folder: Path) -> int:
    """Bytes of a model that is being brought together, without the record of its files."""
    return sum(_size(path) for path in folder.rglob("*") if path.name != CHECKSUMS)


def _size(path: Path) -> int:
    """Bytes of a file; 0 for a folder, and for what somebody has just moved away."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _prune(folder: Path, names: set[str]) -> None:
    """Removes the files of a folder that do not belong there, such as those of another revision."""
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in names:
            path.unlink()

"""Files that are whole or not there at all.

A file is written under a temporary name in its own folder, brought to the disk, and only then
given its name; whoever looks sees the old file or the new one, and a crash leaves the old one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

TEMPORARY_PREFIX = ".sfumato-"
"""How the name of a file that is still being written begins; such a file may be swept away."""

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "access is not allowed",
    errno.EPERM: "access is not allowed",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.EISDIR: "there is a folder of that name",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EFBIG: "the file would be larger than the disk or a limit (see ulimit -f) allows",
    errno.EIO: "the disk reports an error",
}

DISK_TROUBLES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO})
"""Numbers of errors that are the disk's, and never a program's mistake."""


def write_temporary(folder: Path, data: bytes) -> Path:
    """Writes a file under a temporary name in ``folder`` and brings it to the disk.

    Raises:
        OSError: if that fails; nothing is left behind.
    """
    with _temporary(folder) as (temporary, file):
        file.write(data)
    return temporary


def publish(temporary: Path, target: Path) -> None:
    """Gives a finished temporary file of the same folder its name, replacing what had it.

    Raises:
        OSError: if that fails; the temporary file is then removed and the old one is intact.
    """
    try:
        temporary.replace(target)
    except BaseException:
        discard(temporary)
        raise
    sync_folder(target.parent)


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that it is whole or unchanged; a link is followed, not replaced.

    Raises:
        OSError: if that fails; what was there before is intact and nothing is left behind.
    """
    with replacing(path) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into that takes the place of ``path`` once the block has ended well.

    Like `write_atomically`, for content that is made piece by piece. Whatever ends the block
    otherwise leaves what was there before.

    Raises:
        OSError: if the file cannot be written or put in place.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with _temporary(target.parent) as (temporary, file):
        yield file
    publish(temporary, target)


def discard(temporary: Path) -> None:
    """Removes a file that is not wanted any more; silent where that is impossible."""
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)


def reason(error: OSError) -> str:
    """Why the system refused, in words that complete a sentence: "... because the disk is full"."""
    known = _REASONS.get(error.errno or 0)
    return known or (error.strerror or str(error) or "the system refused").lower()


def room_trouble(folder: Path, size: int) -> OSError | None:
    """Why a file of ``size`` bytes cannot lie in a folder; None where it could, as far as is known.

    It is tried with a file that is almost all hole, so it takes no room and no time. For errors
    of libraries that do not say what the system said.
    """
    try:
        with _temporary(folder) as (temporary, file):
            file.seek(max(0, size - 1))
            file.write(b"x")
        discard(temporary)
    except OSError as error:
        return error
    return None


def sync_folder(folder: Path) -> None:
    """Brings files' names to the disk, on systems where a folder can be opened for that."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A new file that is brought to the disk at the end, and removed if anything goes wrong."""
    temporary = folder / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex[:12]}.tmp"
    try:
        with temporary.open("xb") as file:
            yield temporary, file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        discard(temporary)
        raise

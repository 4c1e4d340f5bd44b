"""Folders that one living process holds for itself.

The system lets go of a claim when the process ends, however it ends: what lies in a folder that
nobody claims was left by a crash.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LOCK_SUFFIX = ".lock"


class Claim:
    """A folder and the lock beside it; use `make` or `take`.

    Attributes:
        folder: where its holder may write.
    """

    def __init__(self, folder: Path, lock: BaseFileLock) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def make(cls, parent: Path) -> Claim:
        """A new, empty folder in ``parent``, which is made where it is missing.

        Raises:
            OSError: if it cannot be made or held.
        """
        parent.mkdir(parents=True, exist_ok=True)
        folder = parent / uuid.uuid4().hex[:16]
        # Held before it exists: whoever sees the folder finds it claimed.
        lock = _lock_of(folder)
        lock.acquire()
        try:
            folder.mkdir()
        except OSError:
            lock.release()
            raise
        return cls(folder, lock)

    @classmethod
    def take(cls, folder: Path) -> Claim | None:
        """A folder that was left behind; None where another process holds it or has removed it.

        Raises:
            OSError: if that cannot be told.
        """
        from filelock import Timeout

        lock = _lock_of(folder)
        try:
            lock.acquire()
        except Timeout:
            return None
        if folder.is_dir():
            return cls(folder, lock)
        let_go(lock)
        return None

    def release(self) -> None:
        """Leaves the folder, with what is in it, to whoever takes it next."""
        self._lock.release()

    def remove(self) -> None:
        """Removes the folder with all that is in it; silent where that is impossible."""
        shutil.rmtree(self.folder, ignore_errors=True)
        let_go(self._lock)


def left_behind(parent: Path) -> Iterator[Claim]:
    """Takes each folder in ``parent`` that nobody holds, one after the other.

    Raises:
        OSError: if ``parent`` exists and cannot be read.
    """
    if not parent.is_dir():
        return
    for folder in sorted(path for path in parent.iterdir() if path.is_dir()):
        with contextlib.suppress(OSError):
            claim = Claim.take(folder)
            if claim is not None:
                yield claim


def sweep(parent: Path) -> None:
    """Removes what crashes left in ``parent``; silent where that is impossible."""
    with contextlib.suppress(OSError):
        for claim in left_behind(parent):
            claim.remove()


def let_go(lock: BaseFileLock) -> None:
    """Ends a lock that is held, and leaves no file of it behind where the system lets it go.

    Whoever waits for that file notices that it is gone, and makes a new one.
    """
    with contextlib.suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()


def _lock_of(folder: Path) -> BaseFileLock:
    from filelock import FileLock  # not before the window stands: it takes its time

    path = folder.with_name(folder.name + _LOCK_SUFFIX)
    # Taken and let go in different threads.
    return FileLock(path, timeout=0, thread_local=False)

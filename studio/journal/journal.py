"""The journal of one open document."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple

import msgspec

from studio.core.atomic import discard, sync_folder
from studio.core.claims import Claim
from studio.core.document import DocumentSnapshot
from studio.journal.log import Kind, Log, Place, payloads
from studio.journal.records import About, encode_tile
from studio.journal.states import Draft, State

SUFFIX = ".log"
SLACK_BYTES = 64 * 2**20
"""How much more than twice of what is needed a log may hold before it is written anew."""
STEP_BYTES = 32 * 2**20
"""How much of that is copied at a time, so that the next state never waits for long."""


class Journal:
    """Appends what changed in a document, each time that it is given a snapshot.

    Not for several threads at once. A state that was recorded survives the end of the process,
    and once `record` has returned the loss of power too.

    Args:
        claim: of a new folder, which becomes the journal's.
        slack_bytes: as `SLACK_BYTES`.
        step_bytes: as `STEP_BYTES`.

    Raises:
        OSError: if it cannot be started.
    """

    def __init__(
        self, claim: Claim, *, slack_bytes: int = SLACK_BYTES, step_bytes: int = STEP_BYTES
    ) -> None:
        self._claim = claim
        self._slack = slack_bytes
        self._step = step_bytes
        self._generation = 0
        self._written = _Written(self._new_log(), {})
        self._renewal: _Written | None = None
        self._renew_at = slack_bytes
        self._last = State(About(name=""))
        self._next_number = 0

    @classmethod
    def start(cls, parent: Path) -> Journal:
        """A journal in a new folder within ``parent``.

        Raises:
            OSError: if it cannot be made.
        """
        claim = Claim.make(parent)
        sync_folder(parent)
        try:
            return cls(claim)
        except OSError:
            claim.remove()
            raise

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._claim.folder

    @property
    def size(self) -> int:
        """Bytes of its log."""
        return self._written.log.size

    def record(self, document: DocumentSnapshot, about: About) -> None:
        """Keeps a state of the document.

        Raises:
            OSError: if the disk refuses; what was recorded before is still there.
        """
        draft = Draft(document, about, self._last, self._next_number)
        before = self.size
        self._append(draft)
        self._next_number = draft.next_number
        self._last = draft.written()
        self._keep_small(self.size - before)

    def discard(self) -> None:
        """Removes the journal: the drawing is saved, or not wanted."""
        self._close()
        self._claim.remove()

    def leave(self) -> None:
        """Leaves the journal for the next start to find, as a crash would."""
        self._close()
        self._claim.release()

    def _append(self, draft: Draft) -> None:
        log, before = self._written.log, self._written.log.size
        places = {}
        try:
            for number, tile in draft.new_tiles:
                places[number] = log.append(Kind.TILE, encode_tile(number, tile))
            log.append(Kind.STATE, msgspec.msgpack.encode(draft.record))
            log.sync()
        except OSError:
            with contextlib.suppress(OSError):
                log.cut(before)
            raise
        self._written.places.update(places)

    def _close(self) -> None:
        self._written.log.close()
        if self._renewal is not None:
            self._renewal.log.close()

    def _new_log(self) -> Log:
        self._generation += 1
        log = Log(self.folder / f"{self._generation:06d}{SUFFIX}")
        sync_folder(self.folder)
        return log

    # Keeping the log small ----------------------------------------------------------------------

    def _keep_small(self, grown: int) -> None:
        """Copies what is still needed into a new log, a step at a time, and then takes that.

        Args:
            grown: by how many bytes the log just grew; a step is larger than that, so that the
                last one is always reached.
        """
        try:
            if self._renewal is None and self._is_wasteful():
                self._renewal = _Written(self._new_log(), {})
            if self._renewal is not None and self._copy_step(self._renewal, grown):
                self._take_over(self._renewal)
        except OSError:
            self._give_up_renewal()

    def _is_wasteful(self) -> bool:
        if self.size < self._renew_at:
            return False
        places = self._written.places
        needed = sum(places[number].length for number in self._last.tile_numbers)
        self._renew_at = 2 * needed + self._slack
        return self.size >= self._renew_at

    def _copy_step(self, renewal: _Written, grown: int) -> bool:
        """Whether everything that is needed is in the new log now."""
        old = self._written
        missing = sorted(self._last.tile_numbers - renewal.places.keys())
        offsets = [old.places[number].offset for number in missing]
        full = renewal.log.size + self._step + grown
        for number, payload in zip(missing, payloads(old.log.path, offsets), strict=True):
            if renewal.log.size > full:
                return False
            renewal.places[number] = renewal.log.append(Kind.TILE, payload)
        return True

    def _take_over(self, renewal: _Written) -> None:
        renewal.log.append(Kind.STATE, msgspec.msgpack.encode(self._last.whole_record()))
        renewal.log.sync()
        old, self._written, self._renewal = self._written.log, renewal, None
        self._renew_at = 2 * self.size + self._slack
        old.close()
        discard(old.path)

    def _give_up_renewal(self) -> None:
        if self._renewal is not None:
            self._renewal.log.close()
            discard(self._renewal.log.path)
            self._renewal = None
        self._renew_at = 2 * self.size


class _Written(NamedTuple):
    """A log, and where in it each tile lies."""

    log: Log
    places: dict[int, Place]

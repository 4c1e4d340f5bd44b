"""What a file may ask for, whatever it says of itself, and what decoders raise on bad ones."""

from __future__ import annotations

import struct
import threading
import zipfile
import zlib

from studio.core.geometry import Extent

MAX_CANVAS_SIDE = 16_384
"""No canvas may be wider or higher, in pixels."""
MAX_SHEET_SIDE = 2 * MAX_CANVAS_SIDE
"""No layer's picture may be wider or higher; layers may reach beyond the canvas."""
MAX_LAYERS = 2000
"""No document may have more layers and groups."""
MAX_DEPTH = 32
"""Groups inside groups; deeper ones give their layers to the group around them."""
MAX_NAME = 500
"""Longer names of layers are cut off."""
MAX_HELD_BYTES = 1300 * 2**20
"""All that is kept of a document while it is read may not take up more, unless its file is so
large that this much can be in it honestly."""
MAX_PIXELS = 2**33
"""All pictures together, empty parts included, may not have more; that bounds the time."""
_PIXEL_BYTES = 4
_LIKELY_PACKING = 6
"""How many times smaller painted pixels are on the disk, with plenty of certainty."""

DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)
"""What zipfile, Pillow and psd-tools raise on files that break their format's rules."""


class DamagedPartError(Exception):
    """A part of a file cannot be used; the text completes "The layer ..." as in "is damaged"."""


class Limits:
    """What the pictures of one document use up together; may be asked by several threads.

    Args:
        file_bytes: of the whole file: what is large on the disk may be larger in memory.
        held_bytes: that are taken before any picture is read.
    """

    def __init__(self, file_bytes: int = 0, held_bytes: int = 0) -> None:
        self._capacity = max(MAX_HELD_BYTES, _LIKELY_PACKING * file_bytes)
        self._lock = threading.Lock()
        self._held_bytes = held_bytes
        self._pixels = 0
        self._is_tight = False

    def begin(self, extent: Extent) -> None:
        """Counts a picture of which only the header was read.

        Raises:
            DamagedPartError: if it is too large.
        """
        with self._lock:
            self._pixels += extent.area
            beyond = extent.longest > MAX_SHEET_SIDE or self._pixels > MAX_PIXELS
            # Once there was too much, no time is spent on what may be too much again.
            room = self._capacity - self._held_bytes
            if beyond or (self._is_tight and extent.area * _PIXEL_BYTES > room):
                raise DamagedPartError("is too large")

    def hold(self, more_bytes: int) -> None:
        """Counts memory that was taken, or given back where it is negative.

        Raises:
            DamagedPartError: if it was too much.
        """
        with self._lock:
            self._held_bytes += more_bytes
            if more_bytes > 0 and self._held_bytes > self._capacity:
                self._is_tight = True
                raise DamagedPartError("is too large")

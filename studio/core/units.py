"""Sizes of files as people say them, the same in the window and in a terminal."""

from __future__ import annotations

from typing import Final

_UNITS: Final = (("GB", 1e9, 1), ("MB", 1e6, 0))


def file_size(count: float) -> str:
    """Such as ``33.7 GB``: in thousands, as hubs and drives count.

    >>> file_size(33_700_000_000), file_size(35_002_623), file_size(627)
    ('33.7 GB', '35 MB', '1 kB')
    """
    for unit, size, digits in _UNITS:
        if count >= size:
            return f"{count / size:.{digits}f} {unit}"
    return f"{count / 1e3:.0f} kB"

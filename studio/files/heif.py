"""HEIF pictures, which Pillow reads and writes with a plugin.

pi-heif reads them. Writing takes the x265 encoder, which is under the GPL and so not part of
Sfumato; where a person has installed pillow-heif, which brings it, that one is used for both.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util

SUFFIXES = (".heic", ".heif")

CAN_WRITE = importlib.util.find_spec("pillow_heif") is not None
"""Whether pillow-heif is installed."""


@functools.cache
def register() -> None:
    """Lets Pillow know the format ``HEIF``."""
    plugin = importlib.import_module("pillow_heif" if CAN_WRITE else "pi_heif")
    plugin.register_heif_opener(thumbnails=False)

"""Photoshop documents (``.psd``), read and written with psd-tools.

What both programs know comes across: groups, masks, clipping, opacity, modes, locks and pixels.
What only one of them knows is turned into pixels or left out, and a note says so.
"""

from studio.files.photoshop.reading import read_psd
from studio.files.photoshop.writing import save_psd

__all__ = ["read_psd", "save_psd"]

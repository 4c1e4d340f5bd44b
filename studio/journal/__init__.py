"""Drawings as they are, kept within a second of every change until they are saved.

Each open document has a journal: a folder in the person's data that the living process claims, and
in it a log to which only what changed is appended. What a crash leaves behind is offered at the
next start.
"""

from studio.journal.journal import Journal
from studio.journal.records import About
from studio.journal.recovery import LostDrawing, lost_drawings

__all__ = ["About", "Journal", "LostDrawing", "lost_drawings"]

"""What one press of a button sets going, and where its results hang."""

from __future__ import annotations

from typing import Protocol

import msgspec
from PySide6.QtGui import QImage

from studio.gui.engine_thread import StoredCandidate
from studio.gui.plans import Stride


class Wall(Protocol):
    """Where results hang that do not belong on the canvas."""

    def begin(self, job_id: str, count: int) -> None:
        """Makes room for so many results of a run."""

    def show_preview(self, job_id: str, index: int, image: QImage) -> None:
        """Shows how far one of them is."""

    def add(self, stored: StoredCandidate) -> None:
        """Shows one of them."""

    def finish(self, job_id: str) -> None:
        """No more of them come."""


class Run(msgspec.Struct):
    """One press of a button on its way: its parts run one after another.

    Attributes:
        parts: of each part, the step that is next or under way.
        steps: how many steps each part takes.
        wall: where its results hang; on the canvas where there is none.
        part, step: where it is.
    """

    id: str
    parts: list[Stride]
    steps: int = 1
    wall: Wall | None = None
    parents: tuple[str, ...] = ()
    part: int = 0
    step: int = 0
    stopped: bool = False

    @property
    def stride(self) -> Stride:
        """The step under way."""
        return self.parts[self.part]

    @property
    def is_single(self) -> bool:
        """Whether one job makes all its candidates."""
        return len(self.parts) == 1 and self.steps == 1

    def fraction(self, of_step: float) -> float:
        """How far the whole is when its present step is that far."""
        return (self.part * self.steps + self.step + of_step) / (len(self.parts) * self.steps)

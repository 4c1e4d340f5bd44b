"""Answers the window's questions in advance."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from studio.gui.dialogs.questions import Unsaved


@dataclass
class Answers:
    """A `Questions` that never waits for anybody; ``asked`` names what was asked.

    ``told`` has what was said along with the questions that are not about files.
    """

    source: Path | None = None
    others: list[Path] = field(default_factory=list)
    target: Path | None = None
    unsaved: Unsaved = Unsaved.CANCEL
    agreed: bool = False
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def which_files(self, title: str, folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
        """The source, and others."""
        self.asked.append("which_files")
        return [] if self.source is None else [self.source, *self.others]

    def where_to(self, title: str, proposal: Path, suffixes: tuple[str, ...]) -> Path | None:
        """The target."""
        self.asked.append("where_to")
        return self.target

    def what_of_changes(self, name: str, besides: str = "") -> Unsaved:
        """As was said."""
        self.asked.append("what_of_changes")
        self.told.append(besides)
        return self.unsaved

    def whether(self, question: str, details: str = "") -> bool:
        """As was agreed."""
        self.asked.append("whether")
        self.told.append(question)
        return self.agreed

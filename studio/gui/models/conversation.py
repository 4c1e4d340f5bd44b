"""A picture that is changed by what is said of it, turn after turn, with branches."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from studio.core.picture import Picture
from studio.gui.engine_thread import StoredCandidate


class Turn(msgspec.Struct, frozen=True):
    """A picture, and what was said to have it made.

    Attributes:
        number: its place among all turns, in the order of their making.
        before: the number of the turn that it was made from; None for the first one.
        instruction: what was said; empty for the first one.
        picture, image: the picture itself, and as Qt draws it.
        stored: the result as it came; None for the first one.
    """

    number: int
    before: int | None
    instruction: str
    picture: Picture
    image: QImage
    stored: StoredCandidate | None = None

    @property
    def parents(self) -> tuple[str, ...]:
        """The gallery's id of the picture, where it is kept there."""
        if self.stored is None or self.stored.entry is None:
            return ()
        return (self.stored.entry.id,)


class Conversation(QObject):
    """All turns, the branch that is looked at, and the turn that is changed next.

    Signals:
        changed(): there are other turns, another one is chosen, or one is on its way.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: list[Turn] = []
        self._end = self._chosen = 0
        self._asked: Asked | None = None

    @property
    def branch(self) -> tuple[Turn, ...]:
        """The turns from the first one to the end of the branch that is looked at."""
        return tuple(reversed(tuple(self._upwards(self._end)))) if self._turns else ()

    @property
    def chosen(self) -> Turn | None:
        """The turn that the next one is made from; None as long as there is no picture."""
        return self._turns[self._chosen] if self._turns else None

    @property
    def asked(self) -> Asked | None:
        """What is on its way."""
        return self._asked

    def start(self, picture: Picture, image: QImage) -> None:
        """Begins anew with a picture; what is on its way is not waited for."""
        self._turns = [Turn(0, None, "", picture, image)]
        self._end = self._chosen = 0
        self._asked = None
        self.changed.emit()

    def choose(self, turn: Turn) -> None:
        """Has the next turn made from this one."""
        self._chosen = turn.number
        self.changed.emit()

    def siblings(self, turn: Turn) -> tuple[Turn, ...]:
        """The turns that were made from the same one, with it among them."""
        return tuple(each for each in self._turns if each.before == turn.before)

    def look_beside(self, turn: Turn, step: int) -> None:
        """Looks at the next (1) or previous (-1) branch, round at the ends, to its newest turn."""
        beside = self.siblings(turn)
        self._end = beside[(beside.index(turn) + step) % len(beside)].number
        while following := [each.number for each in self._turns if each.before == self._end]:
            self._end = following[-1]
        self._chosen = self._end
        self.changed.emit()

    def ask(self, instruction: str) -> Asked:
        """What takes the answer to an instruction, given for the chosen turn."""
        assert self.chosen is not None
        return Asked(self, self.chosen, instruction)

    def wait_for(self, asked: Asked | None) -> None:
        """Shows what is on its way, or that nothing is any more."""
        self._asked = asked
        if asked is not None:
            self._end = self._chosen = asked.before.number
        self.changed.emit()

    def answer(self, asked: Asked, stored: StoredCandidate) -> None:
        """Adds a turn to the one that was asked about, and chooses it."""
        if self._asked is not asked:
            return  # the conversation began anew meanwhile
        turn = Turn(
            len(self._turns),
            asked.before.number,
            asked.instruction,
            stored.candidate.picture,
            stored.image,
            stored,
        )
        self._turns.append(turn)
        self._end = self._chosen = turn.number
        self.wait_for(None)

    def _upwards(self, number: int) -> Iterator[Turn]:
        place: int | None = number
        while place is not None:
            turn = self._turns[place]
            yield turn
            place = turn.before


class Asked:
    """A turn on its way: the `Wall` for its picture.

    Attributes:
        before: the turn that it is made from.
        instruction: what was said.
        image: how it looks so far; None until there is something to see.
    """

    def __init__(self, conversation: Conversation, before: Turn, instruction: str) -> None:
        self._conversation = conversation
        self.before = before
        self.instruction = instruction
        self.image: QImage | None = None

    def begin(self, job_id: str, count: int) -> None:
        """It is on its way."""
        self._conversation.wait_for(self)

    def show_preview(self, job_id: str, index: int, image: QImage) -> None:
        """Shows how it looks so far."""
        self.image = image
        self._conversation.changed.emit()

    def add(self, stored: StoredCandidate) -> None:
        """It is there."""
        self._conversation.answer(self, stored)

    def finish(self, job_id: str) -> None:
        """Nothing more comes; where nothing came, nothing is waited for any more."""
        if self._conversation.asked is self:
            self._conversation.wait_for(None)

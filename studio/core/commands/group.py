"""Several commands as one step."""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.commands.memory import Holding
from studio.core.commands.stack import Command
from studio.core.document import Document


class CommandGroup(Command):
    """Does commands in their order, and undoes them together.

    Args:
        name: as the person reads it.
        commands: each may rely on what those before it have done.
    """

    def __init__(self, name: str, commands: Sequence[Command]) -> None:
        self._name = name
        self._commands = tuple(commands)

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def cost(self) -> int:
        """Bytes of all of them."""
        return sum(command.cost for command in self._commands)

    @property
    def holdings(self) -> Sequence[Holding]:
        """Those of all of them."""
        return tuple(holding for command in self._commands for holding in command.holdings)

    def do(self, document: Document) -> None:
        """Does all of them, or none where one raises."""
        done: list[Command] = []
        try:
            for command in self._commands:
                command.do(document)
                done.append(command)
        except Exception:
            for command in reversed(done):
                command.undo(document)
            raise

    def undo(self, document: Document) -> None:
        """Undoes all of them, the last one first, or none where one raises."""
        undone: list[Command] = []
        try:
            for command in reversed(self._commands):
                command.undo(document)
                undone.append(command)
        except Exception:
            for command in reversed(undone):
                command.do(document)
            raise

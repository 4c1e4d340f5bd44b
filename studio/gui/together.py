"""Several commands that the person takes for one."""

from __future__ import annotations

from studio.core.commands.stack import Command
from studio.core.document import Document


class Together(Command):
    """Commands done in their order and undone in the opposite one, as one step.

    Args:
        name: as the person reads it.
        commands: at least one.
    """

    def __init__(self, name: str, commands: tuple[Command, ...]) -> None:
        self._name = name
        self._commands = commands

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def cost(self) -> int:
        """That of all of them."""
        return sum(command.cost for command in self._commands)

    def do(self, document: Document) -> None:
        """Does all of them, or none: where one raises, those before it are undone."""
        done: list[Command] = []
        try:
            for command in self._commands:
                command.do(document)
                done.append(command)
        except BaseException:
            for command in reversed(done):
                command.undo(document)
            raise

    def undo(self, document: Document) -> None:
        """Undoes all of them, the last one first."""
        for command in reversed(self._commands):
            command.undo(document)

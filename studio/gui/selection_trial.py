"""A change of the selection that is seen before it is made."""

from __future__ import annotations

from collections.abc import Callable

from studio.core.commands.selection import SetSelection, Target
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.tiles import Snapshot
from studio.tools import Runner


class Trial:
    """Shows what a change would come to for one amount after the other.

    The mask itself is changed for it, past the history, and brought back before the change is
    made or given up; so nobody else may change it in the meantime.

    Args:
        document, stack: whose mask is changed.
        target: which one.
        change: from the mask as it is and an amount in pixels to the new mask; any thread.
        name: of the step.
        run: calls ``change``, maybe elsewhere.
    """

    def __init__(
        self,
        document: Document,
        stack: CommandStack,
        target: Target,
        change: Callable[[Snapshot, int], Snapshot],
        name: str,
        run: Runner,
    ) -> None:
        self._document = document
        self._stack = stack
        self._target = target
        self._change = change
        self._name = name
        self._run = run
        self._before = target.surface(document).snapshot()
        self._wanted = 0
        self._found: dict[int, Snapshot] = {}
        self._is_busy = False
        self._is_over = False
        self._is_accepted = False

    def show(self, amount: int) -> None:
        """Shows the mask changed by that much, as soon as it is known."""
        self._wanted = amount
        if not self._is_busy:
            self._look()

    def accept(self) -> None:
        """Makes the change with the amount that was shown last, as soon as that is known."""
        self._is_accepted = True
        if not self._is_busy:
            self._look()

    def reject(self) -> None:
        """Leaves the mask as it was."""
        self._is_over = True
        self._put(self._before)

    def _look(self) -> None:
        """Finds what is wanted, unless it was found already."""
        amount = self._wanted
        if amount in self._found:
            self._came(amount, self._found[amount])
            return
        self._is_busy = True
        self._run(
            lambda: self._change(self._before, amount),
            lambda mask: self._came(amount, mask),
            self._failed,
        )

    def _failed(self) -> None:
        """It cannot be found: another amount may be asked for."""
        self._is_busy = False

    def _came(self, amount: int, mask: Snapshot) -> None:
        self._is_busy = False
        if self._is_over:
            return
        self._found = {amount: mask}
        if amount != self._wanted:
            self._look()
        elif self._is_accepted:
            self._is_over = True
            self._put(self._before)
            self._stack.push(SetSelection(mask, self._name, self._target))
            self._stack.seal()
        if not self._is_over:
            self._put(mask)

    def _put(self, mask: Snapshot) -> None:
        dirty = self._target.surface(self._document).restore(mask)
        self._target.touch(self._document, [dirty])

"""Follows the tool of one name from document to document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from studio.core.events import SignalInstance
from studio.gui.workspace import ToolId, Workspace
from studio.tools import Tool

T = TypeVar("T", bound=Tool)


class ToolOf(Generic[T]):
    """The tool of a kind that belongs to the current document.

    Args:
        workspace: whose documents come and go.
        tool_id: its name.
        kind: its class.
        changed: which of its events is listened to.
        show: called after that event, and whenever another document is looked at.
    """

    def __init__(
        self,
        workspace: Workspace,
        tool_id: ToolId,
        kind: type[T],
        changed: Callable[[T], SignalInstance],
        show: Callable[[], None],
    ) -> None:
        self._workspace = workspace
        self._tool_id = tool_id
        self._kind = kind
        self._changed = changed
        self._show = show
        self._tool = self._find()
        changed(self._tool).connect(show)
        workspace.document_replaced.connect(self._follow)

    @property
    def tool(self) -> T:
        """The current document's."""
        return self._tool

    def _find(self) -> T:
        tool = self._workspace.current.tools[self._tool_id]
        if not isinstance(tool, self._kind):
            raise TypeError(f"{self._tool_id} is no {self._kind.__name__}")
        return tool

    def _follow(self) -> None:
        self._changed(self._tool).disconnect(self._show)
        self._tool = self._find()
        self._changed(self._tool).connect(self._show)
        self._show()

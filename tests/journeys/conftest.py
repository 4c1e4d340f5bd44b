"""A screen for the journeys of one module, and the program on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.probe import ProbedApp
from tests.helpers.screen import VirtualScreen

PICTURES = Path("build/journeys")
"""Where the journeys leave pictures of the window, to be looked at."""


@pytest.fixture(scope="module")
def screen() -> Iterator[VirtualScreen]:
    """A virtual screen."""
    with VirtualScreen() as made:
        yield made


@pytest.fixture
def app(screen: VirtualScreen, home: Path) -> Iterator[ProbedApp]:
    """The program with an empty home, its window shown."""
    program = ProbedApp(screen, home)
    program.wait_for(lambda: program.ask("title"), "the window")
    yield program
    program.kill()

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from studio.core.errors import KnownError
from studio.gui.background import Background


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


def unexpected(result: object) -> None:
    raise AssertionError(result)


def divide() -> int:
    return 1 // 0


def test_work_is_done_elsewhere_and_its_result_handed_over_here(
    qtbot: QtBot, background: Background
) -> None:
    here = threading.get_ident()
    seen: list[tuple[int, int]] = []
    background.run(
        threading.get_ident,
        lambda there: seen.append((there, threading.get_ident())),
        unexpected,
    )
    assert not background.is_idle
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] != here
    assert seen[0][1] == here
    assert background.is_idle


def test_an_error_is_handed_over_too(qtbot: QtBot, background: Background) -> None:
    errors: list[Exception] = []

    def fail() -> int:
        raise KnownError("The disk is full: make room.")

    background.run(fail, unexpected, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "The disk is full: make room."


def test_a_mistake_is_logged(
    qtbot: QtBot, background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[Exception] = []
    background.run(divide, unexpected, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert "ZeroDivisionError" in caplog.text


def test_after_closing_nobody_is_called_back(qtbot: QtBot) -> None:
    background = Background()
    called: list[object] = []
    background.run(lambda: QThread.msleep(50), called.append, called.append)
    background.close()
    qtbot.wait(20)
    assert called == []

"""Measures the window from inside: how late its thread serves a timer while pictures are made.

Run by `tests.bench.window` on a virtual screen; prints the gaps between the beats of a 5 ms timer,
in milliseconds, one a line, beginning when the first preview is there.
"""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.app import run_window
from studio.gui.application import make_application
from studio.gui.engine_thread import ProgressUpdate
from studio.gui.main_window import MainWindow
from studio.gui.settings import PromptSettings
from studio.gui.studio import Studio

BEAT_MILLISECONDS = 5
PROMPT = "a red boat on the sea"


class Metronome(QObject):
    """Asks for pictures as soon as the window is there, and listens to the timer's beats."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._seconds = seconds
        self._last = 0.0
        self._timer = QTimer(self, interval=BEAT_MILLISECONDS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._studio: Studio | None = None

    def begin(self) -> None:
        """Waits for the window, then generates without a pause."""
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        if not windows or not windows[0].isVisible():
            QTimer.singleShot(20, self, self.begin)
            return
        self._studio = windows[0]._studio
        self._studio.workspace.set_prompt(PromptSettings(prompt=PROMPT, count=10))
        self._studio.generation.progressed.connect(self._listen)
        QTimer.singleShot(500, self, self._generate)

    def _generate(self) -> None:
        assert self._studio is not None
        for _ in range(4):
            self._studio.generation.generate()

    def _listen(self, update: ProgressUpdate) -> None:
        if update.image is not None and not self._timer.isActive():
            self._last = time.perf_counter()
            self._timer.start()
            QTimer.singleShot(round(1000 * self._seconds), self, QCoreApplication.quit)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now


def main() -> None:
    """Runs the program with a metronome in it."""
    make_application(sys.argv[:1])
    metronome = Metronome(float(sys.argv[1]))
    QTimer.singleShot(0, metronome, metronome.begin)
    run_window([])
    print("\n".join(f"{gap:.3f}" for gap in metronome.gaps))


if __name__ == "__main__":
    main()

"""The real program, with a listener that tells a test where its widgets are.

Run as ``python -m tests.helpers.probe ARGS`` it is ``sfumato ARGS``; besides, it answers each line
on standard input, an expression over `Probe`'s methods encoded as JSON ``[name, arguments]``, with
a line of JSON on standard output. Tests act with pointer and keys alone; the probe only looks.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.helpers.screen import VirtualScreen


class ProbedApp:
    """The program on a virtual screen, as seen from the test.

    Attributes:
        screen: where it is shown; act through it.
    """

    def __init__(self, screen: VirtualScreen, home: Path, *arguments: str) -> None:
        self.screen = screen
        environment = dict(screen.environment(), SFUMATO_HOME=str(home), PYTHONFAULTHANDLER="1")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.probe", *arguments],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: str, *arguments: object) -> Any:
        """Calls a method of `Probe` in the program and returns its answer."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([question, arguments]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the program ended with {self.process.wait(10)} when asked {question}"
        return json.loads(answer)

    def wait_for(
        self, condition: Callable[[], Any], what: str, seconds: float = 60, every: float = 0.1
    ) -> Any:
        """Waits until the condition holds and returns its value.

        Raises:
            AssertionError: with a picture of the screen's place when it does not come true.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(every)
        picture = Path("build/journeys/timeout.png")
        self.screen.save(picture)
        raise AssertionError(f"{what} did not come in {seconds} s; see {picture}")

    def where(self, name: str) -> tuple[int, int]:
        """The centre on the screen of the visible widget of that name, waiting for it."""
        found = self.wait_for(lambda: self.ask("widget", name), f"a widget called {name!r}")
        x, y, width, height = found["rect"]
        return x + width // 2, y + height // 2

    def click(self, name: str) -> None:
        """Clicks the middle of the widget of that name."""
        self.screen.click(*self.where(name))

    def on_canvas(self, x: float, y: float) -> tuple[int, int]:
        """Where on the screen a point of the canvas is shown."""
        place = self.ask("canvas_point", x, y)
        return int(place[0]), int(place[1])

    def close(self) -> int:
        """Waits for the program to end, after its window was closed; returns the exit code."""
        return self.process.wait(30)

    def kill(self) -> None:
        """Ends the program at once, if it still runs."""
        self.process.kill()
        self.process.communicate()


class Probe:
    """What a test may ask; every method runs on the GUI thread and returns plain data."""

    def widget(self, name: str) -> dict[str, Any] | None:
        """Place and state of the visible widget with that accessible name, object name or text."""
        from PySide6.QtWidgets import QAbstractButton, QLabel

        for widget in _visible_widgets():
            names = {widget.accessibleName(), widget.objectName()}
            text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
            if name in names | {text.replace("&", "")} and name:
                corner = widget.mapToGlobal(widget.rect().topLeft())
                return {
                    "rect": [corner.x(), corner.y(), widget.width(), widget.height()],
                    "enabled": widget.isEnabled(),
                    "text": text,
                }
        return None

    def names(self) -> list[str]:
        """Accessible names, or else object names, of all that is visible: for writing tests."""
        return sorted(
            {w.accessibleName() or w.objectName() for w in _visible_widgets()}
            - {"", "qt_scrollarea_viewport", "qt_spinbox_lineedit"}
        )

    def texts(self) -> list[str]:
        """What the visible labels say."""
        from PySide6.QtWidgets import QLabel

        return [each.text() for each in _visible_widgets() if isinstance(each, QLabel)]

    def listed(self, name: str) -> list[list[str]]:
        """The rows of the visible list of that name: title and description of each."""
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QListView

        view = next(w for w in _visible_widgets() if w.accessibleName() == name)
        assert isinstance(view, QListView)
        rows = [view.model().index(row, 0) for row in range(view.model().rowCount())]
        described = Qt.ItemDataRole.AccessibleDescriptionRole
        return [[str(row.data()), str(row.data(described))] for row in rows]

    def title(self) -> str:
        """The main window's title."""
        window = _main_window()
        return window.windowTitle() if window else ""

    def canvas_point(self, x: float, y: float) -> list[float]:
        """A canvas point on the screen."""
        from studio.gui.canvas.view import CanvasView

        view = next(w for w in _visible_widgets() if isinstance(w, CanvasView))
        return list(_canvas_to_screen(view, x, y))

    def document(self) -> dict[str, Any]:
        """What the open document holds."""
        workspace = _main_window()._studio.workspace
        document = workspace.document
        return {
            "canvas": list(document.canvas),
            "frame": list(document.frame),
            "layers": [layer.name for layer in document.layers],
            "digest": document.flatten().digest,
            "is_masked": not document.mask.used_bounds().is_empty,
            "selected": list(document.selection.used_bounds()),
            "steps": [entry.name for entry in workspace.stack.entries][: workspace.stack.index],
            "candidates": len(workspace.staging.candidates),
        }

    def tabs(self) -> list[str]:
        """The names of the open documents, a star behind those that changed."""
        return [tab.title for tab in _main_window()._studio.workspace.tabs]

    def is_kept(self) -> bool:
        """Whether everything that was done is in the journals."""
        return bool(_main_window()._studio.journalling.is_idle)

    def gallery(self) -> int:
        """How many pictures the gallery's strip has loaded."""
        return int(_main_window()._studio.gallery.rowCount())

    def worker(self) -> int | None:
        """The process id of the engine's worker, where there is one."""
        engine = _main_window()._studio.engine._engine
        return engine.worker_pid if engine is not None else None

    def modules(self) -> list[str]:
        """Top-level packages that the program has imported."""
        return sorted({name.partition(".")[0] for name in sys.modules})


def _visible_widgets() -> Iterator[Any]:
    from PySide6.QtWidgets import QApplication

    return (w for w in QApplication.allWidgets() if w.isVisible() and w.width() and w.height())


def _main_window() -> Any:
    from PySide6.QtWidgets import QApplication, QMainWindow

    return next((w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow)), None)


def _canvas_to_screen(view: Any, x: float, y: float) -> tuple[float, float]:
    from PySide6.QtCore import QPointF

    place = view.mapToGlobal(view.viewport.to_widget(QPointF(x, y)))
    return place.x(), place.y()


def _answer(probe: Probe, line: str) -> str:
    """Runs one question on the GUI thread and waits for the answer."""
    while "PySide6.QtWidgets" not in sys.modules:  # Qt takes who imports it for the GUI thread
        time.sleep(0.02)
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    while (app := QApplication.instance()) is None:
        time.sleep(0.02)
    name, arguments = json.loads(line)
    done = threading.Event()
    result: list[Any] = []

    def ask() -> None:
        try:
            result.append(getattr(probe, name)(*arguments))
        finally:
            done.set()

    QTimer.singleShot(0, app, ask)
    done.wait(60)
    return json.dumps(result[0] if result else None)


def _listen() -> None:
    probe = Probe()
    for line in sys.stdin:
        print(_answer(probe, line), flush=True)


if __name__ == "__main__":
    from studio.__main__ import main

    threading.Thread(target=_listen, daemon=True).start()
    sys.exit(main())

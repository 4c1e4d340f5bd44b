"""A virtual screen with a hand that moves a real pointer and presses real keys (Xvfb, xdotool)."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType

from PIL import Image, ImageGrab

PROGRAMS = ("Xvfb", "xdotool", "openbox")


def missing_programs() -> list[str]:
    """What this machine lacks of the programs that a virtual screen needs."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class VirtualScreen:
    """An X server without a monitor and a small window manager; a context manager.

    Attributes:
        display: such as ``:7``, for the environment of programs to be shown on it.
    """

    def __init__(self, width: int = 1600, height: int = 1000) -> None:
        self._size = f"{width}x{height}x24"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.display = ""

    def __enter__(self) -> VirtualScreen:
        read, write = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", self._size, "-nolisten", "tcp"],
            pass_fds=[write],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"
        manager = subprocess.Popen(
            ["openbox"],
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes = [manager, server]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.terminate()
            process.wait(10)

    def environment(self) -> dict[str, str]:
        """This process's environment, with programs' windows sent to this screen."""
        return dict(os.environ, DISPLAY=self.display, QT_QPA_PLATFORM="xcb")

    def picture(self) -> Image.Image:
        """What is on the screen now."""
        return ImageGrab.grab(xdisplay=self.display)

    def save(self, path: Path) -> None:
        """Keeps what is on the screen now as a PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.picture().save(path)

    def move(self, x: int, y: int) -> None:
        """Moves the pointer."""
        self._do("mousemove", str(x), str(y))

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Moves the pointer there and clicks."""
        self._do("mousemove", str(x), str(y), "click", str(button))

    def drag(self, *points: tuple[int, int], steps: int = 12) -> None:
        """Presses the left button at the first point and releases it at the last.

        The pointer moves in ``steps`` small steps from each point to the next, as a hand does.
        """
        self._do("mousemove", *map(str, points[0]), "mousedown", "1")
        for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
            for step in range(1, steps + 1):
                x, y = x1 + (x2 - x1) * step // steps, y1 + (y2 - y1) * step // steps
                self._do("mousemove", str(x), str(y))
                time.sleep(0.008)
        self._do("mouseup", "1")

    def hold(self, x: int, y: int) -> None:
        """Moves the pointer there and presses its left button, without letting it go."""
        self._do("mousemove", str(x), str(y), "mousedown", "1")

    def let_go(self) -> None:
        """Lets the left button go."""
        self._do("mouseup", "1")

    def type(self, text: str) -> None:
        """Types text into whatever has the keyboard."""
        self._do("type", "--delay", "12", "--", text)

    def press(self, *keys: str) -> None:
        """Presses keys or combinations as xdotool names them: ``ctrl+z``, ``Return``."""
        self._do("key", *keys)

    def _do(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self.environment(), check=True, timeout=60)

"""How soon the window is there, and how smoothly it runs while the engine paints.

Run ``python -m tests.bench.window`` on a machine with Xvfb. It prints two tables: the time from the
start of the process to the first frame on the screen, beside a bare PySide6 window, started in
turns; and how late the window's thread serves a 5 ms timer while pictures with previews are made by
the real worker and the starter model.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.helpers.screen import VirtualScreen

ROOT = Path(__file__).parents[2]

# Prints the time at which the first window has been drawn, then ends the program.
STOPWATCH = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Stopwatch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            QTimer.singleShot(0, self.stop)
        return False
    def stop(self):
        if not hasattr(self, "stopped"):
            self.stopped = True
            heavy = sorted({"torch", "diffusers", "transformers"} & set(sys.modules))
            print(time.time(), ",".join(heavy) or "-", flush=True)
            QApplication.instance().quit()

run = QApplication.exec
def timed(*arguments):
    watch = Stopwatch()
    QApplication.instance().installEventFilter(watch)
    return run()
QApplication.exec = timed
"""
# As the installed command does, before anything of Qt is imported.
ENTRY = "import studio.cli.main; from studio.__main__ import main"
BARE = """
app = QApplication(sys.argv)
window = QMainWindow()
window.resize(1280, 800)
window.show()
QApplication.exec()
"""
OURS = """
sys.argv = ["sfumato"]
main()
"""
SECONDS_OF_LAG = 12.0


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each window is started")
    rounds = parser.parse_args().rounds
    console = Console()
    with VirtualScreen(1600, 1000) as screen, tempfile.TemporaryDirectory() as home:
        environment = dict(screen.environment(), SFUMATO_HOME=home)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a person's Python keeps its bytecode
        console.print(startup_table(environment, rounds))
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.window_lag", str(SECONDS_OF_LAG)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        console.print(lag_table([float(gap) for gap in done.stdout.split()]))


def startup_table(environment: dict[str, str], rounds: int) -> Table:
    """Start to first frame of both windows, in turns, after one unmeasured start of each."""
    times: dict[str, list[float]] = {"bare PySide6 window": [], "Sfumato": []}
    heavy = "-"
    for turn in range(rounds + 1):
        for name, program in zip(times, (STOPWATCH + BARE, ENTRY + STOPWATCH + OURS), strict=True):
            seconds, heavy = first_frame(program, environment)
            if turn:
                times[name].append(seconds)
    table = Table(title="From process start to first frame, ms", title_justify="left")
    for column in ("window", "min", "median", "max"):
        table.add_column(column, justify="left" if column == "window" else "right")
    for name, values in times.items():
        figures = (min(values), statistics.median(values), max(values))
        table.add_row(name, *(f"{1000 * figure:.0f}" for figure in figures))
    bare, ours = (statistics.median(values) for values in times.values())
    table.add_row("difference of medians", "", f"{1000 * (ours - bare):.0f}", "")
    table.caption = f"torch, diffusers or transformers in the window's process: {heavy}"
    return table


def first_frame(program: str, environment: dict[str, str]) -> tuple[float, str]:
    """Seconds until the program's first frame, and the heavy modules that it had imported."""
    start = time.time()
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    words = done.stdout.split()
    if len(words) < 2:
        raise SystemExit(f"the window did not come up:\n{done.stderr}")
    return float(words[0]) - start, words[1]


def lag_table(gaps: list[float]) -> Table:
    """How late the timer came, from the gaps between its beats in milliseconds."""
    ordered = sorted(gaps)
    table = Table(
        title="Lag of a 5 ms timer on the GUI thread while generating, ms", title_justify="left"
    )
    columns: list[tuple[str, Any]] = [
        ("beats", len(ordered)),
        ("p50", f"{ordered[len(ordered) // 2]:.1f}"),
        ("p95", f"{ordered[int(len(ordered) * 0.95)]:.1f}"),
        ("p99", f"{ordered[int(len(ordered) * 0.99)]:.1f}"),
        ("max", f"{ordered[-1]:.1f}"),
    ]
    for name, _ in columns:
        table.add_column(name, justify="right")
    table.add_row(*(str(value) for _, value in columns))
    table.caption = f"{os.cpu_count()} cores, worker on the same machine"
    return table


if __name__ == "__main__":
    main()

"""What fifty kills cost a hand that paints.

Run with ``python -m tests.bench.kills [COUNT]``; it needs no display.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.helpers.kills import Outcome, killer

KILLS = 50


def main(count: int) -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as folder, killer(Path(folder)) as hands:
        outcomes = [hands.kill(seed) for seed in range(count)]
    Console().print(table(outcomes))


def table(outcomes: list[Outcome]) -> Table:
    """Painting time lost by the kills, and how many drawings came back wrong."""
    lost = sorted(outcome.lost for outcome in outcomes if outcome.lost is not None)
    found = Table("kills", "wrong", "lost p50 s", "lost max s", "painted max s", title="kill -9")
    found.add_row(
        str(len(outcomes)),
        str(len(outcomes) - len(lost)),
        f"{lost[len(lost) // 2]:.2f}",
        f"{lost[-1]:.2f}",
        f"{max(outcome.painted for outcome in outcomes):.2f}",
    )
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS)

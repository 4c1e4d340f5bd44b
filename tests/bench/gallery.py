"""What the gallery costs when it is full: a table over its number of entries.

Run with ``python -m tests.bench.gallery [ENTRIES]``; 10 000 where no number is given.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from studio.core.picture import Picture
from studio.files.codec import PngCodec
from studio.gallery.store import DATABASE_NAME, Gallery
from tests.helpers.pictures import recipe, smooth

ENTRIES = 10_000
ROUNDS = 20
WORDS = ("red", "blue", "green", "circle", "square", "boat", "house", "sea", "night", "old", "man")


def main() -> None:
    """Prints the table."""
    entries = int(sys.argv[1]) if sys.argv[1:] else ENTRIES
    with tempfile.TemporaryDirectory() as folder:
        table = Table(title=f"Gallery of {entries} pictures of 256x256, in milliseconds")
        for heading in ("what", "median", "longest"):
            table.add_column(heading, justify="left" if heading == "what" else "right")
        for what, times in measure(Path(folder), entries).items():
            table.add_row(what, f"{statistics.median(times):.1f}", f"{max(times):.1f}")
        Console().print(table)


def measure(folder: Path, entries: int) -> dict[str, list[float]]:
    """Times in milliseconds of everything that a person waits for."""
    gallery = Gallery(folder, PngCodec())
    found = {"store a picture": filled(gallery, entries)}
    found |= {
        "the first page of 100": timed(lambda: gallery.entries(limit=100)),
        "the last page of 100": timed(lambda: gallery.entries(limit=100, offset=entries - 100)),
        "search one word, 100 shown": timed(lambda: gallery.entries("boat", limit=100)),
        "search three words": timed(lambda: gallery.entries("red boa nig", limit=100)),
        "search an emoji": timed(lambda: gallery.entries("😀", limit=100)),
        "search what is not there": timed(lambda: gallery.entries("nothing", limit=100)),
        "count": timed(gallery.count),
    }
    newest = iter(gallery.entries(limit=ROUNDS))
    found["make a thumbnail"] = timed(lambda: gallery.thumbnails.read(next(newest)))
    gallery.close()
    found["open"] = timed(lambda: Gallery(folder, PngCodec()).close())
    (folder / DATABASE_NAME).unlink()
    found["build the database anew"] = timed(lambda: Gallery(folder, PngCodec()).close(), rounds=1)
    return found


def filled(gallery: Gallery, entries: int) -> list[float]:
    """Stores that many pictures; returns what each took."""
    chance, pixels = random.Random(0), smooth(256, 256).array()
    times = []
    for number in range(entries):
        prompt = " ".join(chance.choices(WORDS, k=8)) + (" 😀" if number % 100 == 0 else "")
        made = recipe(prompt)
        picture = Picture.from_array(np.roll(pixels, number, axis=(0, 1)))
        start = time.perf_counter()
        gallery.add(picture, made)
        times.append(1000 * (time.perf_counter() - start))
    return times


def timed(action: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of each round."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return times


if __name__ == "__main__":
    main()

"""What opening and saving documents cost, in tables.

Run with ``python -m tests.bench.files``; it needs no display, some minutes, and 3 GB of memory.
Ours and Pillow's times are taken in turns within one run, so that a busy machine slows both.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from studio.core.document import Document
from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.files.openraster import load_openraster, save_openraster
from studio.files.openraster.png import png_pieces
from studio.files.photoshop import read_psd, save_psd
from tests.bench.painting import crowded_document
from tests.bench.timing import milliseconds

ROUNDS = 3
BOMB_SIDE = 16_384
OPENING = """
import resource, sys
from pathlib import Path
from studio.core.errors import KnownError
from studio.files.openraster import read_openraster
try:
    said = " ".join(read_openraster(Path(sys.argv[1])).notes)
except KnownError as error:
    said = error.message
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, said.split("/")[-1][:60])
"""


def main() -> None:
    """Prints all tables."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        console.print(lies_table(Path(folder)))
        console.print(photoshop_table(crowded_document(1024), Path(folder)))
        console.print(openraster_table(crowded_document(), Path(folder)))


def openraster_table(document: Document, folder: Path) -> Table:
    """Saving and opening, beside Pillow coding the very PNG files that are in the document."""
    table = Table(
        *("", "ours ms", "Pillow ms", "ratio"),
        title=f"OpenRaster, {len(document.layers)} layers half full, {document.canvas.extent}",
    )
    path = folder / "document.ora"
    save_openraster(path, document)
    encoded = pictures_in(path)
    opened = [data for name, data in encoded.items() if name.startswith("data/")]
    opening = [
        (milliseconds(lambda: load_openraster(path)), milliseconds(lambda: decode_all(opened)))
        for _ in range(ROUNDS)
    ]
    saving = [
        (milliseconds(lambda: save_openraster(path, document)), encoding_time(encoded.values()))
        for _ in range(ROUNDS)
    ]
    for name, times in (("open", opening), ("save", saving)):
        ours, pillow = (statistics.median(column) for column in zip(*times, strict=True))
        table.add_row(name, f"{ours:.0f}", f"{pillow:.0f}", f"{ours / pillow:.2f}")
    return table


def photoshop_table(document: Document, folder: Path) -> Table:
    """Saving and opening with psd-tools."""
    path = folder / "document.psd"
    table = Table("", "ms", title=f"Photoshop, 20 layers half full, {document.canvas.extent}")
    snapshot = document.snapshot()
    table.add_row("save", f"{milliseconds(lambda: save_psd(path, snapshot)):.0f}")
    table.add_row("open", f"{milliseconds(lambda: read_psd(path)):.0f}")
    return table


def lies_table(folder: Path) -> Table:
    """The most memory that a process takes which opens a file made to harm it."""
    table = Table("file", "size kB", "peak MB", "said", title="Files that ask for too much")
    for name, layers in lies().items():
        path = folder / f"{name}.ora"
        write_lie(path, layers)
        command = (sys.executable, "-c", OPENING, str(path))
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peak, _, said = output.strip().partition(" ")
        table.add_row(name, f"{path.stat().st_size // 1024}", peak, said)
    return table


def lies() -> dict[str, tuple[int, Iterable[bytes]]]:
    """How many layers each of them has, and the pieces of the picture that all of them show."""
    extent, row = Extent(BOMB_SIDE, BOMB_SIDE), np.full((64, BOMB_SIDE, 4), 255, dtype=np.uint8)
    filled = list(png_pieces(extent, 4, (row for _ in range(BOMB_SIDE // 64))))
    lying = list(png_pieces(Extent(60_000, 60_000), 4, [np.repeat(row, 4, axis=1)[:, :60_000]]))
    return {"one full layer": (1, filled), "many full layers": (40, filled), "60000": (1, lying)}


def write_lie(path: Path, lie: tuple[int, Iterable[bytes]]) -> None:
    """An OpenRaster file whose layers all show the same picture."""
    count, pieces = lie
    layers = '<layer src="a.png"/>' * count
    head = f'<image w="{BOMB_SIDE}" h="{BOMB_SIDE}">'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stack.xml", f"{head}<stack>{layers}</stack></image>")
        archive.writestr("a.png", b"".join(pieces))


def pictures_in(path: Path) -> Mapping[str, bytes]:
    """The PNG files of a document."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".png")}


def encoding_time(pictures: Iterable[bytes]) -> float:
    """Milliseconds in which Pillow encodes pictures, one after the other."""
    return sum(milliseconds(encoder(decode(data))) for data in pictures)


def encoder(pixels: Pixels) -> Callable[[], object]:
    """Encodes a picture at zlib's fastest level, as ours are."""
    image = Image.fromarray(pixels)
    return lambda: image.save(io.BytesIO(), "PNG", compress_level=1)


def decode_all(pictures: Iterable[bytes]) -> None:
    """Decodes pictures one after the other."""
    for data in pictures:
        decode(data)


def decode(data: bytes) -> Pixels:
    """The pixels of a PNG file."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


if __name__ == "__main__":
    main()

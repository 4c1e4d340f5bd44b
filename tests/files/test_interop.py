"""Debian's Krita and GIMP see in our files what we see.

They flatten a document with every mode, groups, masks, clipping and a text; what they show is
compared with our own flattening. Each program is started once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from studio.core.blend import BlendMode
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, RasterLayer
from studio.files.openraster import save_openraster
from studio.files.photoshop import save_psd
from tests.helpers.rich_documents import coloured, rich_document

PATCH = 24
CANVAS = Bounds(-16, 8, 4 * PATCH, 4 * PATCH + 64)
SECONDS = 280
GIMP_SCRIPT = """
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{source}" "{source}")))
       (layer (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE))))
  (gimp-layer-resize-to-image-size layer)
  (file-png-save RUN-NONINTERACTIVE image layer "{target}" "{target}" 0 9 0 0 0 0 0))
"""

KRITA_DIFFERS = {"Addition"}
"""Krita adds as if both were opaque, and mixes the sum in; svg:plus adds what there is."""
GIMP_DIFFERS = {"Colour dodge", "Colour burn", "Hue", "Saturation", "Colour", "Luminosity"}
"""GIMP opens these as its older modes, whose formulas are others."""

Picture = npt.NDArray[np.float64]


def document_for_others() -> Document:
    """A patch in each mode on a gradient, and below them a group with all that a group can have."""
    document = Document(CANVAS)
    ground = RasterLayer("ground")
    ramp = np.linspace(40, 215, CANVAS.width).astype(np.uint8)
    colours = np.stack([ramp, ramp[::-1], np.full_like(ramp, 128), np.full_like(ramp, 255)], axis=1)
    ground.surface.write(CANVAS, np.repeat(colours[None], CANVAS.height, axis=0))
    document.layers.insert(0, ground)
    for number, mode in enumerate(BlendMode):
        layer = RasterLayer(mode.title, coloured(patch(number), number), blend_mode=mode)
        document.layers.insert(len(document.layers), layer)
    group = next(layer for layer in rich_document().layers if layer.children)
    assert isinstance(group, GroupLayer)
    for inner in group.layers:
        inner.visible = True
    group.translate(CANVAS.x + 20, patch(16).y + 10)
    document.layers.insert(len(document.layers), group)
    return document


def patch(number: int) -> Bounds:
    row, column = divmod(number, 4)
    return Bounds(CANVAS.x + column * PATCH, CANVAS.y + row * PATCH, PATCH, PATCH)


def premultiplied(rgba: npt.NDArray[np.uint8]) -> Picture:
    pixels = rgba.astype(float)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return pixels


def differing(document: Document, theirs: Path) -> set[str]:
    """The titles of the modes whose patches look different; "group" for what is below them."""
    with Image.open(theirs) as image:
        seen = premultiplied(np.asarray(image.convert("RGBA")))
    difference = np.abs(premultiplied(document.flatten().array()) - seen)
    result = {"group": float(difference[4 * PATCH :].mean())}
    for number, mode in enumerate(BlendMode):
        x, y, width, height = patch(number).relative_to(CANVAS.origin)
        result[mode.title] = float(difference[y : y + height, x : x + width].mean())
    return {name for name, value in result.items() if value > 2}


def run(folder: Path, *command: str) -> None:
    """Runs a program with a home folder of its own."""
    environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    subprocess.run(
        command, env=environment, check=True, timeout=SECONDS, capture_output=True, cwd=folder
    )


@pytest.mark.skipif(
    not (shutil.which("krita") and shutil.which("xvfb-run")),
    reason="needs Debian's krita and xvfb",
)
@pytest.mark.timeout(300)
def test_krita_flattens_our_openraster_file_as_we_do(tmp_path: Path) -> None:
    document = document_for_others()
    ours, theirs = tmp_path / "ours.ora", tmp_path / "krita.png"
    save_openraster(ours, document)
    export = ("--export", "--export-filename", str(theirs), str(ours))
    run(tmp_path, "xvfb-run", "-a", "krita", *export)
    assert differing(document, theirs) <= KRITA_DIFFERS


@pytest.mark.skipif(not shutil.which("gimp"), reason="needs Debian's gimp")
@pytest.mark.timeout(300)
def test_gimp_flattens_our_photoshop_file_as_we_do(tmp_path: Path) -> None:
    document = document_for_others()
    ours, theirs = tmp_path / "ours.psd", tmp_path / "gimp.png"
    save_psd(ours, document.snapshot())
    script = GIMP_SCRIPT.format(source=ours, target=theirs)
    run(tmp_path, "gimp", "-i", "-d", "-f", "-b", script, "-b", "(gimp-quit 0)")
    assert differing(document, theirs) <= GIMP_DIFFERS

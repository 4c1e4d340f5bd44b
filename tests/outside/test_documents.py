"""Every document that other programs wrote opens, and looks as its own preview says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from studio.core.document import Document
from studio.core.layers import GroupLayer
from studio.core.picture import Pixels
from studio.files.openraster import encode_openraster, read_openraster
from studio.files.photoshop import read_psd, save_psd
from tests.conftest import OUTSIDE
from tests.helpers.rich_documents import described

pytestmark = pytest.mark.outside

ORA = sorted((OUTSIDE / "ora").glob("*.ora"))
PSD = sorted((OUTSIDE / "psd").glob("*.psd"))


def name_of(path: Path) -> str:
    return path.stem


def on_white(rgba: Pixels) -> Image.Image:
    picture = Image.fromarray(rgba)
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def difference(document: Document, preview: Image.Image) -> float:
    """The mean difference from a preview of any size, both over white."""
    theirs = on_white(np.asarray(preview.convert("RGBA")))
    ours = on_white(document.flatten().array()).resize(theirs.size, Image.Resampling.BOX)
    return float(np.abs(np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)).mean())


@pytest.mark.parametrize("path", ORA, ids=name_of)
def test_an_openraster_document_opens_whole_and_looks_like_its_thumbnail(path: Path) -> None:
    document, notes = read_openraster(path)
    assert notes == ()
    with zipfile.ZipFile(path) as archive:
        thumbnail = Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png")))
    assert difference(document, thumbnail) < 12


@pytest.mark.parametrize("path", [path for path in ORA if "big" not in path.stem], ids=name_of)
def test_an_openraster_document_comes_back_from_our_own_file(path: Path, tmp_path: Path) -> None:
    document = read_openraster(path).document
    again = tmp_path / "again.ora"
    again.write_bytes(encode_openraster(document))
    assert described(read_openraster(again).document.snapshot()) == described(document.snapshot())


@pytest.mark.parametrize("path", PSD, ids=name_of)
def test_a_photoshop_document_opens_and_looks_like_its_preview(path: Path) -> None:
    document, _ = read_psd(path)
    psd = PSDImage.open(path)
    assert document.canvas.extent == psd.size
    preview = psd.topil()
    if preview is not None:  # some were saved without
        assert difference(document, preview) < 3


@pytest.mark.parametrize("path", PSD, ids=name_of)
def test_a_photoshop_document_comes_back_from_our_own_file(path: Path, tmp_path: Path) -> None:
    document = read_psd(path).document
    save_psd(tmp_path / "again.psd", document.snapshot())
    again = read_psd(tmp_path / "again.psd").document
    assert [layer.name for layer in again.walk()] == [layer.name for layer in document.walk()]
    assert np.abs(again.flatten().array().astype(int) - document.flatten().array()).max() <= 1


def test_groups_of_photoshop_are_groups() -> None:
    document = read_psd(OUTSIDE / "psd" / "group.psd").document
    assert isinstance(document.layers[0], GroupLayer)

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.blend import BlendMode
from studio.core.document import Document
from studio.core.errors import PictureError
from studio.core.geometry import Bounds
from studio.core.layers import LOCKED, GeneratedLayer, RasterLayer
from studio.files.openraster import encode_openraster, load_openraster, save_openraster
from tests.helpers.documents import (
    BLUE,
    RED,
    boxes,
    document_with,
    rgba_noise,
    solid,
)
from tests.helpers.rich_documents import described

CANVAS = Bounds(-20, -10, 96, 64)


@pytest.fixture
def document() -> Document:
    """Two layers, one of them generated, a mask, a frame, and a canvas with a negative origin."""
    document = document_with(solid(96, 64, RED), canvas=CANVAS)
    area = Bounds(-30, 0, 50, 30)
    sky = GeneratedLayer(
        "sky <&> \N{GRINNING FACE}\n",
        recipe=b'{"prompt": "sky"}',
        area=area,
        opacity=0.517,
        locks=LOCKED,
        blend_mode=BlendMode.SOFT_LIGHT,
    )
    sky.surface.write(area, rgba_noise(area, 1))
    document.layers.insert(1, sky)
    document.layers.insert(2, RasterLayer("empty", visible=False))
    document.active = sky
    document.frame = Bounds(-64, 0, 128, 64)
    document.mask.write(Bounds(0, 0, 9, 7), rgba_noise(Bounds(0, 0, 9, 7), 2)[..., 0])
    return document


def entry(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def picture(data: bytes, name: str) -> Image.Image:
    return Image.open(io.BytesIO(entry(data, name)))


def reread(document: Document, folder: Path) -> Document:
    path = folder / "document.ora"
    save_openraster(path, document)
    return load_openraster(path)


def test_everything_comes_back_to_the_bit(document: Document, tmp_path: Path) -> None:
    loaded = reread(document, tmp_path)
    assert described(loaded.snapshot()) == described(document.snapshot())
    assert loaded.active is not None
    assert loaded.active.name == "sky <&> \N{GRINNING FACE}\n"
    assert loaded.flatten() == document.flatten()


@settings(max_examples=25, deadline=None)
@given(boxes(500, 200), boxes(500, 200), st.integers(0, 99), st.floats(0, 1))
def test_any_layer_comes_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory,
    canvas: Bounds,
    place: Bounds,
    seed: int,
    opacity: float,
) -> None:
    document = Document(canvas)
    layer = RasterLayer("layer", opacity=opacity, blend_mode=list(BlendMode)[seed % 12])
    layer.surface.write(place, rgba_noise(place, seed))
    document.layers.insert(0, layer)
    document.mask.write(place, rgba_noise(place, seed + 1)[..., 1])
    loaded = reread(document, tmp_path_factory.mktemp("ora"))
    assert loaded.canvas == canvas
    read = loaded.layers[0]
    assert (read.opacity, read.blend_mode) == (opacity, layer.blend_mode)
    assert (read.pixels.read_stored(place) == layer.surface.read_stored(place)).all()
    assert read.pixels.used_bounds() == layer.surface.used_bounds()
    assert (loaded.mask.read(place) == document.mask.read(place)).all()


def test_the_type_comes_first_and_is_not_compressed(document: Document) -> None:
    data = encode_openraster(document)
    assert data[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_the_stack_is_described_as_the_specification_says(document: Document) -> None:
    image = ElementTree.fromstring(entry(encode_openraster(document), "stack.xml"))
    assert image.tag == "image"
    assert (image.get("w"), image.get("h"), image.get("version")) == ("96", "64", "0.0.6")
    layers = list(image.iterfind("stack/layer"))
    assert [layer.get("name") for layer in layers][::2] == ["empty", "layer 0"]
    empty, sky, bottom = layers
    assert (sky.get("x"), sky.get("y")) == ("-10", "10")
    assert sky.get("composite-op") == "svg:soft-light"
    assert sky.get("opacity") == "0.517"
    assert (sky.get("edit-locked"), sky.get("selected")) == ("true", "true")
    assert (empty.get("visibility"), bottom.get("visibility")) == ("hidden", "visible")


def test_other_programs_find_the_merged_picture_and_the_thumbnail(document: Document) -> None:
    data = encode_openraster(document)
    merged = picture(data, "mergedimage.png")
    assert (np.asarray(merged.convert("RGBA")) == document.flatten().array()).all()
    assert picture(data, "Thumbnails/thumbnail.png").size == (96, 64)


@pytest.mark.parametrize(("width", "height"), [(1000, 300), (300, 1000), (256, 256), (3, 2)])
def test_the_thumbnail_fits_into_256_pixels(width: int, height: int) -> None:
    document = document_with(solid(width, height, BLUE), canvas=Bounds(0, 0, width, height))
    thumbnail = picture(encode_openraster(document), "Thumbnails/thumbnail.png")
    assert max(thumbnail.size) == min(256, max(width, height))
    assert thumbnail.size[0] / thumbnail.size[1] == pytest.approx(width / height, rel=0.02)
    assert thumbnail.convert("RGB").getpixel((0, 0)) == BLUE


def test_a_document_without_layers_is_kept(tmp_path: Path) -> None:
    loaded = reread(Document(CANVAS), tmp_path)
    assert (loaded.canvas, len(loaded.layers)) == (CANVAS, 0)


def test_a_snapshot_is_saved_as_it_was(document: Document, tmp_path: Path) -> None:
    snapshot, before = document.snapshot(), document.flatten()
    document.layers.remove(document.layers[0])
    save_openraster(tmp_path / "a.ora", snapshot)
    assert load_openraster(tmp_path / "a.ora").flatten() == before


def test_names_that_xml_cannot_hold_lose_those_characters(tmp_path: Path) -> None:
    document = document_with(solid(4, 4, RED))
    document.layers[0].name = "a\x00b\x1b\ud800\uffff../c"
    assert reread(document, tmp_path).layers[0].name == "ab../c"


def test_where_saving_fails_the_old_file_stays(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "document.ora"
    with pytest.raises(PictureError, match="cannot be written"):
        save_openraster(path, document)
    folder = tmp_path / "folder.ora"
    folder.mkdir()
    with pytest.raises(PictureError, match="folder"):
        save_openraster(folder, document)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_failed_encoding_leaves_the_old_file(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "document.ora"
    save_openraster(path, document)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(PictureError, match="disk is full"):
        save_openraster(path, document)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]

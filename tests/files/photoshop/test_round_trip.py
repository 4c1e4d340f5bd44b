"""Documents that are written for Photoshop, and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image
from psd_tools import PSDImage

from studio.core.blend import BlendMode
from studio.core.document import Document
from studio.core.errors import PictureError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Layer, Locks, RasterLayer
from studio.files.photoshop import read_psd, save_psd
from studio.files.progress import Cancelled
from tests.helpers.documents import BLUE, RED, document_with, solid
from tests.helpers.rich_documents import CANVAS, coloured, documents, masking, rich_document


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "document.psd"


def reread(document: Document, path: Path) -> Document:
    save_psd(path, document.snapshot())
    return read_psd(path).document


def difference(ours: Document, theirs: Document) -> float:
    """The largest of the mean differences of the four channels over the canvas."""
    first, second = ours.flatten().array(), theirs.flatten().array()
    return float(np.abs(first.astype(float) - second).mean(axis=(0, 1)).max())


def test_layers_come_back_in_their_places(path: Path) -> None:
    document = document_with(solid(40, 30, RED), solid(20, 10, BLUE, 99), canvas=CANVAS)
    loaded = reread(document, path)
    assert loaded.canvas == Bounds(0, 0, 96, 64)
    assert [layer.name for layer in loaded.layers] == ["layer 0", "layer 1"]
    assert loaded.flatten() == document.flatten()


@pytest.mark.parametrize("mode", BlendMode)
def test_every_mode_comes_back(path: Path, mode: BlendMode) -> None:
    document = document_with(solid(40, 30, RED))
    document.layers[0].blend_mode = mode
    assert reread(document, path).layers[0].blend_mode is mode


def test_properties_of_layers_come_back(path: Path) -> None:
    document = document_with(solid(40, 30, RED), solid(20, 10, BLUE))
    layer = document.layers[1]
    layer.name = "日本 ../\nname \N{GRINNING FACE}"
    layer.visible, layer.clipped, layer.opacity = False, True, 51 / 255
    layer.locks = Locks(position=True, alpha=True)
    read = reread(document, path).layers[1]
    assert (read.name, read.visible, read.clipped) == (layer.name, False, True)
    assert read.opacity == pytest.approx(0.2)
    assert read.locks == layer.locks


@pytest.mark.parametrize("fill", [0, 255])
@pytest.mark.parametrize("enabled", [True, False])
def test_masks_come_back(path: Path, fill: int, enabled: bool) -> None:
    document = document_with(solid(40, 30, RED))
    layer = document.layers[0]
    layer.mask, layer.mask_enabled = masking(Bounds(3, 3, 20, 20), 1, fill), enabled
    loaded = reread(document, path)
    assert loaded.layers[0].mask is not None
    assert loaded.layers[0].mask_enabled is enabled
    assert loaded.flatten() == document.flatten()


def test_groups_come_back_with_what_they_hold(path: Path) -> None:
    document = Document(CANVAS)
    inner = GroupLayer("inner", [RasterLayer("deep", coloured(CANVAS, 1))], collapsed=True)
    outer = GroupLayer("outer", [inner], opacity=0.6, blend_mode=BlendMode.MULTIPLY)
    for layer in (RasterLayer("below", coloured(CANVAS, 2)), outer):
        document.layers.insert(len(document.layers), layer)
    loaded = reread(document, path)
    read = loaded.layers[1]
    assert isinstance(read, GroupLayer)
    assert (read.name, read.opacity, read.blend_mode) == ("outer", 0.6, BlendMode.MULTIPLY)
    assert isinstance(read.layers[0], GroupLayer)
    assert (read.layers[0].collapsed, read.collapsed) == (True, False)
    assert [layer.name for layer in loaded.walk()] == ["below", "deep", "inner", "outer"]
    assert loaded.flatten() == document.flatten()


def test_a_groups_mask_is_put_into_its_layers(path: Path) -> None:
    document = Document(CANVAS)
    masked = RasterLayer("masked", coloured(CANVAS, 1), mask=masking(Bounds(0, 0, 40, 40), 2))
    plain = RasterLayer("plain", coloured(Bounds(30, 30, 20, 20), 3))
    group = GroupLayer("group", [masked, plain], mask=masking(Bounds(5, 5, 60, 60), 4))
    document.layers.insert(0, group)
    notes = save_psd(path, document.snapshot())
    assert any("Masks of groups" in note for note in notes)
    assert difference(document, read_psd(path).document) < 3


def test_what_is_simplified_is_told(path: Path) -> None:
    notes = save_psd(path, rich_document().snapshot())
    for word in ("Texts", "generated", "selection", "Masks of groups"):
        assert any(word in note for note in notes)


def test_the_picture_looks_as_it_did(path: Path) -> None:
    document = rich_document()
    document.layers[1].mask_enabled = False
    assert difference(document, reread(document, path)) < 1


def test_other_programs_find_the_merged_picture(path: Path) -> None:
    document = document_with(solid(40, 30, RED, 128))
    save_psd(path, document.snapshot())
    with Image.open(path) as image:
        merged = np.asarray(image.convert("RGBA"))
    assert tuple(merged[0, 0]) == (255, 127, 127, 128)
    assert tuple(merged[40, 60]) == (255, 255, 255, 0)


def names_of(layer: Layer) -> object:
    children = [names_of(child) for child in layer.children]
    return (layer.name[:250], children if isinstance(layer, GroupLayer) else None)


@settings(max_examples=20, deadline=None)
@given(documents())
def test_a_tree_of_any_shape_comes_back(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    path = tmp_path_factory.mktemp("psd") / "a.psd"
    loaded = reread(document, path)
    if document.layers:
        ours = [names_of(layer) for layer in document.layers]
        assert [names_of(layer) for layer in loaded.layers] == ours
    else:
        assert [layer.name for layer in loaded.layers] == ["Merged picture"]


def test_saving_can_be_cancelled_and_leaves_nothing(path: Path) -> None:
    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        save_psd(path, rich_document().snapshot(), cancel)
    assert not list(path.parent.iterdir())


def test_where_saving_fails_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="cannot be written"):
        save_psd(tmp_path / "missing" / "a.psd", rich_document().snapshot())


def test_progress_is_told(path: Path) -> None:
    heard: list[float] = []
    save_psd(path, rich_document().snapshot(), heard.append)
    read_psd(path, heard.append)
    assert all(0 <= fraction <= 1 for fraction in heard)
    assert len(heard) > 10


def test_layers_keep_their_names_for_programs_that_know_no_unicode(path: Path) -> None:
    document = document_with(solid(4, 4, RED))
    document.layers[0].name = "Ebene ü"
    save_psd(path, document.snapshot())
    assert PSDImage.open(path)[0].name == "Ebene ü"

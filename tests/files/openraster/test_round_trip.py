"""What is saved comes back, and what other programs do to the file in between does no harm."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.document import Document
from studio.core.errors import PictureError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, RasterLayer, TextLayer
from studio.files.openraster import encode_openraster, load_openraster, read_openraster
from studio.files.openraster.layout import NAMESPACE
from studio.files.progress import Cancelled
from tests.helpers.documents import RED, document_with, records, solid
from tests.helpers.pictures import file_content
from tests.helpers.rich_documents import described, documents, masking, rich_document

Entries = dict[str, bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "document.ora"


def saved(document: Document, path: Path) -> Path:
    path.write_bytes(encode_openraster(document))
    return path


def rewritten(path: Path, change: Callable[[Element, Entries], None]) -> Path:
    """The file after another program has had it in its hands."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    root = ElementTree.fromstring(entries["stack.xml"])
    change(root, entries)
    entries["stack.xml"] = ElementTree.tostring(root)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def forget_our_attributes(root: Element, entries: Entries) -> None:
    for element in root.iter():
        for name in [name for name in element.attrib if name.startswith(f"{{{NAMESPACE}}}")]:
            del element.attrib[name]


def forget_our_folder(root: Element, entries: Entries) -> None:
    for name in [name for name in entries if name.startswith("sfumato/")]:
        del entries[name]


def forget_all_that_is_ours(root: Element, entries: Entries) -> None:
    forget_our_attributes(root, entries)
    forget_our_folder(root, entries)


def test_everything_that_a_document_holds_comes_back(path: Path) -> None:
    document = rich_document()
    loaded, notes = read_openraster(saved(document, path))
    assert notes == ()
    assert described(loaded.snapshot()) == described(document.snapshot())
    assert loaded.flatten() == document.flatten()


@settings(max_examples=25, deadline=None)
@given(documents())
def test_a_tree_of_any_shape_comes_back(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    loaded = load_openraster(saved(document, tmp_path_factory.mktemp("ora") / "a.ora"))
    ours, theirs = described(document.snapshot()), described(loaded.snapshot())
    assert {**theirs, "active": None} == {**ours, "active": None}


def test_saving_what_was_opened_gives_the_same_file(path: Path) -> None:
    saved(rich_document(), path)
    again = path.with_name("again.ora")
    saved(load_openraster(path), again)
    assert contents(path) == contents(again)


def contents(path: Path) -> Entries:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("fill", [0, 255])
def test_other_programs_see_layers_as_their_masks_show_them(path: Path, fill: int) -> None:
    document = document_with(solid(40, 30, RED))
    document.layers[0].mask = masking(Bounds(0, 0, 20, 20), 1, fill)
    saved(document, path)
    with zipfile.ZipFile(path) as archive, archive.open("data/layer001.png") as file:
        theirs = np.asarray(Image.open(file))
    shown = document.flatten(Bounds(0, 0, 40, 30)).array()
    assert (theirs[..., 3] == shown[..., 3]).all()


@pytest.mark.parametrize(
    "forget", [forget_our_attributes, forget_our_folder, forget_all_that_is_ours]
)
def test_a_masked_layer_looks_the_same_when_what_is_ours_was_lost(
    path: Path, forget: Callable[[Element, Entries], None]
) -> None:
    document = document_with(solid(40, 30, RED))
    layer = document.layers[0]
    mask = masking(Bounds(0, 0, 20, 20), 1)
    mask.write(Bounds(0, 0, 20, 20), np.where(mask.read(Bounds(0, 0, 20, 20)) > 99, 255, 0))
    document.layers.remove(layer)
    layer.mask = mask
    document.layers.insert(0, GroupLayer("group", [layer], mask=masking(Bounds(0, 0, 9, 9), 2)))
    before = document.flatten().array()
    loaded = load_openraster(rewritten(saved(document, path), forget))
    opaque = before[..., 3] == 255
    assert (loaded.flatten().array()[opaque] == before[opaque]).all()
    assert (loaded.flatten().array()[before[..., 3] == 0] == 0).all()


def test_what_is_clipped_stays_inside_for_programs_that_cannot_clip(path: Path) -> None:
    document = document_with(solid(10, 10, RED), solid(40, 30, RED))
    document.layers[1].clipped = True
    before = document.flatten()
    loaded = load_openraster(rewritten(saved(document, path), forget_all_that_is_ours))
    assert not loaded.layers[1].clipped
    assert loaded.flatten() == before


def test_what_is_clipped_to_a_hidden_layer_is_hidden_for_them_too(path: Path) -> None:
    document = document_with(solid(10, 10, RED), solid(40, 30, RED))
    document.layers[1].clipped = True
    document.layers[0].visible = False
    saved(document, path)
    assert load_openraster(path).layers[1].visible
    assert not load_openraster(rewritten(path, forget_our_attributes)).layers[1].visible


def paint_over_every_layer(root: Element, entries: Entries) -> None:
    for name in entries:
        if name.startswith("data/"):
            entries[name] = file_content(Image.new("RGBA", (50, 50), (0, 255, 0, 255)))


def test_what_another_program_painted_is_not_hidden_by_a_mask_of_ours(path: Path) -> None:
    document = document_with(solid(40, 30, RED))
    document.layers[0].mask = masking(Bounds(0, 0, 20, 20), 1)
    loaded, notes = read_openraster(rewritten(saved(document, path), paint_over_every_layer))
    assert loaded.layers[0].mask is None
    assert tuple(loaded.flatten(Bounds(45, 45, 1, 1)).data) == (0, 255, 0, 255)
    assert "another program" in notes[0]


def test_a_text_that_another_program_painted_on_is_a_layer_of_pixels(path: Path) -> None:
    def text_in(document: Document) -> bool:
        return any(isinstance(layer, TextLayer) for layer in document.walk())

    saved(rich_document(), path)
    assert text_in(load_openraster(path))
    assert not text_in(load_openraster(rewritten(path, paint_over_every_layer)))


def spoil(name: str) -> Callable[[Element, Entries], None]:
    def change(root: Element, entries: Entries) -> None:
        assert name in entries
        entries[name] = entries[name][: len(entries[name]) // 2]

    return change


@pytest.mark.parametrize(
    "name",
    [
        "sfumato/document.json", "sfumato/selection.png", "sfumato/mask.png",
        "sfumato/channel000.png", "sfumato/recipe001.json", "sfumato/asked001.png",
        "sfumato/text005.json", "mergedimage.png",
    ],
)  # fmt: skip
def test_an_extra_that_is_damaged_costs_no_layer(path: Path, name: str) -> None:
    document = rich_document()
    loaded = load_openraster(rewritten(saved(document, path), spoil(name)))
    assert [layer.name for layer in loaded.walk()] == [layer.name for layer in document.walk()]
    assert loaded.flatten() == document.flatten()


def test_a_mask_that_is_damaged_hides_nothing(path: Path) -> None:
    document = document_with(solid(40, 30, RED))
    document.layers[0].mask = masking(Bounds(0, 0, 20, 20), 1)
    loaded, notes = read_openraster(rewritten(saved(document, path), spoil("sfumato/mask001.png")))
    assert loaded.layers[0].mask is None
    assert "The mask of 'layer 0' is damaged" in notes[0]


def test_pixels_of_ours_that_are_damaged_leave_what_others_see(path: Path) -> None:
    document = document_with(solid(40, 30, RED))
    document.layers[0].mask = masking(Bounds(0, 0, 20, 20), 1)
    spoiled = rewritten(saved(document, path), spoil("sfumato/pixels001.png"))
    loaded, notes = read_openraster(spoiled)
    assert notes == ()
    alpha = loaded.layers[0].pixels.read(Bounds(0, 0, 40, 30))[..., 3]
    assert (alpha == document.flatten(Bounds(0, 0, 40, 30)).array()[..., 3]).all()


def test_of_a_file_that_is_cut_off_the_layers_before_the_cut_are_read(path: Path) -> None:
    document = document_with(solid(40, 30, RED), solid(40, 30, RED))
    content = saved(document, path).read_bytes()
    path.write_bytes(content[: content.index(b"data/layer002.png") + 40])
    loaded, notes = read_openraster(path)
    assert [layer.pixels.is_empty for layer in loaded.layers] == [False, True]
    assert "cut off" in notes[0]
    assert "'layer 1' is missing" in notes[1]


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1))
def test_a_file_that_is_cut_off_anywhere_is_read_in_part_or_refused(
    tmp_path_factory: pytest.TempPathFactory, part: float
) -> None:
    path = tmp_path_factory.mktemp("cut") / "cut.ora"
    content = encode_openraster(document_with(solid(40, 30, RED)))
    path.write_bytes(content[: int(part * len(content))])
    try:
        loaded = load_openraster(path)
    except PictureError as error:
        assert "cut off" in error.message
    else:
        assert len(loaded.layers) >= 1


def test_progress_is_told_until_all_is_done(path: Path) -> None:
    saved(rich_document(), path)
    heard: list[float] = []
    read_openraster(path, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0, abs=0.05)


def test_opening_can_be_cancelled(path: Path) -> None:
    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        read_openraster(saved(rich_document(), path), cancel)
    assert read_openraster(path).notes == ()
    assert issubclass(Cancelled, Exception)
    assert not issubclass(Cancelled, PictureError)


def test_nobody_hears_of_a_document_while_it_is_read(path: Path) -> None:
    loaded = load_openraster(saved(rich_document(), path))
    heard = records(loaded.changed)
    group = loaded.layers[1]
    assert isinstance(group, GroupLayer)
    layer = group.layers[0]
    assert isinstance(layer, RasterLayer)
    layer.touch(Bounds(0, 0, 1, 1))
    assert heard == [Bounds(0, 0, 1, 1)]

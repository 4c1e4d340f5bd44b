"""Small pictures of files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import PictureError
from studio.files import pictures
from studio.files.openraster import encode_openraster, save_openraster
from studio.files.previews import preview
from studio.files.writing import write_picture
from tests.helpers.documents import BLUE, RED, document_with, solid
from tests.helpers.pictures import noise


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_picture_is_made_small_and_keeps_its_shape(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"red{suffix}"
    write_picture(path, solid(400, 200, RED))
    small = preview(path, 40)
    assert small.extent == (40, 20)
    assert small.rgb()[10, 20].astype(int) == pytest.approx([*RED], abs=3)


def test_a_small_picture_stays_as_it_is(tmp_path: Path) -> None:
    write_picture(tmp_path / "noise.png", noise(20, 30))
    assert preview(tmp_path / "noise.png", 40) == noise(20, 30)


def test_a_document_shows_its_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "blue.ora"
    save_openraster(path, document_with(solid(64, 64, BLUE)))
    small = preview(path, 40)
    assert small.extent.longest == 40
    assert tuple(small.rgb()[0, 0]) == tuple(BLUE)


def test_what_cannot_be_seen_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "bare.ora", "w") as file:
        file.writestr("mimetype", "image/openraster")
    write_picture(tmp_path / "large.png", noise(64, 64))
    monkeypatch.setattr(pictures, "MAX_PREVIEWED_PIXELS", 1000)
    for name in ("bare.ora", "large.png", "missing.png", "missing.ora"):
        with pytest.raises(PictureError):
            preview(tmp_path / name, 40)


ENCODED = encode_openraster(document_with(solid(64, 64, BLUE)))


@settings(max_examples=40)
@given(at=st.integers(0, len(ENCODED) - 1), noise=st.binary(max_size=30))
def test_a_damaged_document_is_told_or_shown(
    tmp_path_factory: pytest.TempPathFactory, at: int, noise: bytes
) -> None:
    path = tmp_path_factory.mktemp("previews") / "broken.ora"
    path.write_bytes(ENCODED[:at] + noise + ENCODED[at + 5 :])
    try:
        assert preview(path, 40).extent.longest <= 40
    except PictureError as error:
        assert error.message

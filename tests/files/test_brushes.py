from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio import paths
from studio.core.brush import BrushSettings, Curve, Dynamic, Source, Target, Texture
from studio.core.errors import KnownError
from studio.files.brushes import (
    MAX_BYTES,
    BrushKind,
    BrushPreset,
    BrushStore,
    encode_brush,
    read_brush,
)

SHARES = st.floats(0, 1)
CURVES = st.lists(st.floats(0.01, 0.99), unique=True, max_size=3).flatmap(
    lambda inner: st.lists(SHARES, min_size=len(inner) + 2, max_size=len(inner) + 2).map(
        lambda heights: Curve(tuple(zip([0.0, *sorted(inner), 1.0], heights, strict=True)))
    )
)
BRUSHES = st.builds(
    BrushSettings,
    size=st.floats(1, 2000),
    hardness=SHARES,
    opacity=SHARES,
    flow=SHARES,
    spacing=st.floats(0.01, 10),
    angle=st.floats(-360, 360),
    roundness=st.floats(0.05, 1),
    smoothing=SHARES,
    texture=st.sampled_from(Texture),
    grain=SHARES,
    dynamics=st.lists(
        st.builds(Dynamic, st.sampled_from(Source), st.sampled_from(Target), CURVES), max_size=4
    ).map(tuple),
)
NAMES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=60
)
ROUND = BrushSettings(size=12.5, dynamics=())


@pytest.fixture
def store(tmp_path: Path) -> BrushStore:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "round.toml").write_text('format = 1\nname = "Round"\n')
    return BrushStore(shipped, tmp_path / "own")


def reopened(store: BrushStore, tmp_path: Path) -> BrushStore:
    return BrushStore(tmp_path / "shipped", tmp_path / "own")


class TestTheProgramsOwn:
    store = BrushStore(paths.resources() / "brushes")

    def test_there_are_brushes_of_every_kind(self) -> None:
        assert self.store.problems == ()
        assert len(self.store.presets) >= 12
        assert all(self.store.of(kind) for kind in BrushKind)
        assert len({preset.name for preset in self.store.presets}) == len(self.store.presets)

    def test_none_of_them_can_be_changed(self) -> None:
        first = self.store.presets[0]
        with pytest.raises(KnownError, match="brush of the program"):
            self.store.delete(first)
        with pytest.raises(KnownError, match="brush of the program"):
            self.store.rename(first, "Mine")
        with pytest.raises(KnownError, match="no folder"):
            self.store.save("Mine", BrushKind.PAINT, ROUND)


@settings(max_examples=60, deadline=None)
@given(BRUSHES, NAMES, st.sampled_from(BrushKind))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, brush: BrushSettings, name: str, kind: BrushKind
) -> None:
    path = tmp_path_factory.getbasetemp() / "brush.toml"
    path.write_text(encode_brush(BrushPreset(name, kind, brush, path)), encoding="utf-8")
    assert read_brush(path) == BrushPreset(name, kind, brush, path)


def test_what_is_left_out_is_as_a_plain_brush_has_it(store: BrushStore) -> None:
    assert store.presets[0].settings == BrushSettings(dynamics=())


def test_a_saved_brush_is_there_the_next_time(store: BrushStore, tmp_path: Path) -> None:
    saved = store.save("  Wet Bristle é ", BrushKind.PAINT, ROUND)
    assert saved.name == "Wet Bristle é"
    assert saved.path == tmp_path / "own" / "wet-bristle-e.toml"
    assert [preset.name for preset in store.presets] == ["Round", "Wet Bristle é"]
    assert reopened(store, tmp_path).presets == store.presets


def test_saving_under_the_same_name_replaces_one_s_own(store: BrushStore) -> None:
    store.save("Wet", BrushKind.PAINT, ROUND)
    store.save("wet", BrushKind.ERASE, BrushSettings(size=99))
    (own,) = (preset for preset in store.presets if preset.is_own)
    assert (own.name, own.kind, own.settings.size) == ("wet", BrushKind.ERASE, 99)


def test_names_that_look_alike_as_files_get_files_of_their_own(store: BrushStore) -> None:
    paths_ = {store.save(name, BrushKind.PAINT, ROUND).path for name in ("a b", "a-b", "水", "墨")}
    assert len(paths_) == 4


def test_a_brush_is_renamed_and_deleted(store: BrushStore) -> None:
    saved = store.save("Wet", BrushKind.PAINT, ROUND)
    renamed = store.rename(saved, "Wetter")
    assert (renamed.name, renamed.path) == ("Wetter", saved.path)
    assert store.rename(renamed, "wetter").name == "wetter"
    store.delete(renamed)
    assert not renamed.path.exists()
    assert [preset.name for preset in store.presets] == ["Round"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "needs a name"),
        (" \t ", "needs a name"),
        ("x" * 61, "at most 60"),
        ("two\nlines", "one line"),
        ("round", "brush of the program"),
    ],
)
def test_names_that_cannot_be_used_are_refused(store: BrushStore, name: str, reason: str) -> None:
    with pytest.raises(KnownError, match=reason):
        store.save(name, BrushKind.PAINT, ROUND)


def test_a_name_that_is_taken_is_not_given_twice(store: BrushStore) -> None:
    store.save("Wet", BrushKind.PAINT, ROUND)
    dry = store.save("Dry", BrushKind.PAINT, ROUND)
    with pytest.raises(KnownError, match="already"):
        store.rename(dry, "wet")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "format = 1",
        "format = 2\nname = 'x'",
        "format = 1\nname = ''",
        "format = 1\nname = 'a\\u000ab'\nsize = 4.0\n= 3",
        "format = 1\nname = 'x'\nsize = 0.0",
        "format = 1\nname = 'x'\nsize = nan",
        "format = 1\nname = 'x'\nhardness = 1.5",
        "format = 1\nname = 'x'\nfluffiness = 1.0",
        "format = 1\nname = 'x'\ntexture = 'velvet'",
        "format = 1\nname = 'x'\n[[dynamics]]\nsource = 'mood'\ntarget = 'size'",
        "format = 1\nname = 'x'\ndynamics = [{source = 'tilt', target = 'size', curve = [[0, 2]]}]",
        "[" * 50_000,
    ],
)
def test_a_damaged_file_is_named_and_the_others_are_there(
    store: BrushStore, tmp_path: Path, text: str
) -> None:
    store.save("Wet", BrushKind.PAINT, ROUND)
    (tmp_path / "own" / "broken.toml").write_text(text)
    again = reopened(store, tmp_path)
    assert [preset.name for preset in again.presets] == ["Round", "Wet"]
    (problem,) = again.problems
    assert "broken.toml" in problem.message


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_no_file_of_any_kind_does_harm(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with pytest.raises(KnownError, match=r"any\.toml"):
        read_brush(path)


def test_a_file_that_is_far_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    path.write_text('format = 1\nname = "x"\n' + "#" * MAX_BYTES)
    with pytest.raises(KnownError, match="too long"):
        read_brush(path)


def test_a_disk_that_refuses_leaves_the_old_brush(
    store: BrushStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("Wet", BrushKind.PAINT, ROUND)

    def refuse(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(KnownError, match="the disk is full"):
        store.save("Wet", BrushKind.PAINT, BrushSettings(size=99))
    assert reopened(store, tmp_path).presets[-1].settings == ROUND

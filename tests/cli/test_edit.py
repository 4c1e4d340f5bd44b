"""``sfumato edit``: the mask is redone, and every pixel beside it stays."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from studio import app
from studio.core.picture import Picture
from studio.files.pictures import read_mask, read_picture
from studio.files.writing import write_picture
from studio.generation.catalog import Catalog
from studio.generation.request import InstructionEdit
from tests.cli.conftest import Run
from tests.helpers.pictures import noise, smooth
from tests.helpers.scripted_engine import ScriptedEngine


def test_only_what_is_masked_changes(run: Run, tmp_path: Path, image: Path, mask: Path) -> None:
    target = tmp_path / "out.png"
    outcome = run("edit", image, "a hat", "--mask", mask, "-o", target)
    assert (outcome.code, outcome.lines) == (0, [str(target)])
    before, after = read_picture(image).array(), read_picture(target).array()
    masked = read_mask(mask).array() > 0
    assert np.array_equal(before[~masked], after[~masked])
    assert not np.array_equal(before[masked], after[masked])


def test_masks_far_apart_are_redone_one_by_one_into_one_picture(
    run: Run, engine: ScriptedEngine, tmp_path: Path
) -> None:
    write_picture(tmp_path / "wide.png", smooth(900, 64))
    painted = np.zeros((64, 900), dtype=np.uint8)
    painted[20:40, 20:40] = painted[20:40, 860:880] = 255
    write_picture(tmp_path / "mask.png", Picture.from_array(painted))
    outcome = run(
        "edit", tmp_path / "wide.png", "x", "--mask", tmp_path / "mask.png", "-n", 2, "--json"
    )
    assert len(engine.requests) == 2
    assert len(outcome.objects) == 2
    before = read_picture(tmp_path / "wide.png").array()
    for made in outcome.objects:
        after = read_picture(Path(made["path"])).array()
        changed = (before != after).any(axis=2)
        assert np.array_equal(changed, painted > 0)


def test_the_result_is_a_child_of_the_picture_where_the_gallery_knows_it(
    run: Run, tmp_path: Path
) -> None:
    (parent,) = run("generate", "x", "--size", "96x64", "--json").objects
    painted = np.zeros((64, 96), dtype=np.uint8)
    painted[10:30, 10:30] = 255
    write_picture(tmp_path / "m.png", Picture.from_array(painted))
    (child,) = run("edit", parent["path"], "y", "--mask", tmp_path / "m.png", "--json").objects
    gallery = app.open_gallery()
    assert gallery.get(child["id"]).parents == (parent["id"],)
    assert gallery.input_path(gallery.get(child["id"]).request.needs[0]).exists()
    gallery.close()


def test_a_full_mask_redoes_everything(run: Run, tmp_path: Path, image: Path) -> None:
    write_picture(tmp_path / "full.png", Picture.from_array(np.full((64, 96), 255, np.uint8)))
    assert run("edit", image, "x", "--mask", tmp_path / "full.png").code == 0


@pytest.mark.parametrize("case", ["other size", "empty", "truncated", "missing", "strength"])
def test_what_cannot_be_edited_is_one_line_and_exit_code_3(
    run: Run, engine: ScriptedEngine, tmp_path: Path, image: Path, mask: Path, case: str
) -> None:
    spoilt, extra = tmp_path / "spoilt.png", []
    match case:
        case "other size":
            write_picture(spoilt, noise(95, 64, "L"))
        case "empty":
            write_picture(spoilt, Picture.from_array(np.zeros((64, 96), np.uint8)))
        case "truncated":
            spoilt.write_bytes(mask.read_bytes()[:60])
        case "strength":
            spoilt, extra = mask, ["--strength", "1.5"]
    outcome = run("edit", image, "x", "--mask", spoilt, *extra)
    assert outcome.code == 3
    assert outcome.err.count("\n") == 1
    assert engine.requests == []


def test_without_a_mask_the_model_has_to_follow_instructions(run: Run, image: Path) -> None:
    outcome = run("edit", image, "make it blue")
    assert outcome.code == 3
    assert "follows no instructions: say with --mask what to redo" in outcome.err


def test_without_a_mask_the_whole_picture_is_changed_as_told(
    run: Run, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, image: Path
) -> None:
    [starter, *_] = app.build_catalog().models
    obedient = dataclasses.replace(starter, tasks=("edit",))
    monkeypatch.setattr(app, "build_catalog", lambda: Catalog([obedient]))
    target = tmp_path / "blue.png"
    assert run("edit", image, "make it blue", "-o", target).code == 0
    [request] = engine.requests
    assert isinstance(request, InstructionEdit)
    assert request.prompt == "make it blue"
    assert read_picture(target).extent == read_picture(image).extent

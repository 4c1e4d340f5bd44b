"""Models that see in a picture what ControlNets read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.estimators import Estimators
from studio.engine.diffusion.device.room import Room
from studio.generation.catalog import AdapterInfo
from studio.generation.memory import GIB, Rung
from tests.helpers.adapters import adapter_info
from tests.helpers.machines import CPU, HALF
from tests.helpers.shortage import small_gpu
from tests.helpers.tiny.guides import save_depth, save_people, save_pose

SOURCE = np.random.default_rng(1).integers(0, 256, (60, 90, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def depth(tmp_path_factory: pytest.TempPathFactory) -> AdapterInfo:
    return estimator(save_depth(tmp_path_factory.mktemp("estimators") / "depth", seed=1))


def estimator(folder: Path, preprocessor: str = "depth") -> AdapterInfo:
    return adapter_info(folder, "estimator", "any", preprocessor=preprocessor)


def answering(monkeypatch: pytest.MonkeyPatch, nearness: torch.Tensor) -> None:
    """Has the head of every model say so, ``(h, w)``."""
    monkeypatch.setattr(
        "transformers.models.depth_anything.modeling_depth_anything"
        ".DepthAnythingDepthEstimationHead.forward",
        lambda *_: nearness[None],
    )


def test_a_depth_picture_is_grey_of_the_sources_size_and_uses_all_greys(depth: AdapterInfo) -> None:
    seen = Estimators(CPU).see(depth, SOURCE)
    assert seen.shape == SOURCE.shape
    assert seen.dtype == np.uint8
    assert (seen == seen[..., :1]).all()
    assert (seen.min(), seen.max()) == (0, 255)


@pytest.mark.parametrize(("kind", "brighter"), [("relative", "right"), ("metric", "left")])
def test_what_is_near_is_bright_whether_nearness_or_metres_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, brighter: str
) -> None:
    folder = save_depth(tmp_path / "depth", seed=1, depth_estimation_type=kind, max_depth=20)
    answering(monkeypatch, torch.linspace(1, 20, 56).expand(56, 56))
    greys = Estimators(CPU).see(estimator(folder), SOURCE)[30, :, 0].astype(int)
    steps = np.diff(greys if brighter == "right" else greys[::-1])
    assert (steps >= 0).all()
    assert greys.max() - greys.min() == 255


def test_where_everything_is_equally_far_there_is_black(
    depth: AdapterInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, torch.full((56, 56), 7.0))
    assert not Estimators(CPU).see(depth, SOURCE).any()


@pytest.mark.parametrize("size", [(60, 90), (90, 60), (8, 8), (16, 120)])
def test_pictures_of_any_shape_are_seen(depth: AdapterInfo, size: tuple[int, int]) -> None:
    pixels = np.resize(SOURCE, (*size, 3))
    assert Estimators(CPU).see(depth, pixels).shape == pixels.shape


def test_the_same_is_seen_wherever_weights_wait_and_whatever_models_compute_in(
    depth: AdapterInfo,
) -> None:
    expected = Estimators(CPU).see(depth, SOURCE)
    assert np.array_equal(Estimators(HALF).see(depth, SOURCE), expected)
    for rung in (Rung.MODULES, Rung.BLOCKS, Rung.LAYERS, Rung.HALVED):
        room = Room(CPU.device, 0, free=lambda: GIB, release=lambda: None)
        machine = replace(small_gpu(), rung=rung, room=room)
        seen = Estimators(machine).see(depth, SOURCE)
        assert np.array_equal(seen, expected), rung


def test_poses_are_the_same_wherever_weights_wait(tmp_path: Path) -> None:
    pose = estimator(save_pose(tmp_path / "pose", seed=1), "pose")
    people = estimator(save_people(tmp_path / "people", seed=1), "people")
    expected = Estimators(CPU).see(pose, SOURCE, people)
    assert expected.any()
    assert not np.array_equal(expected, Estimators(CPU).see(pose, SOURCE))
    for rung in (Rung.MODULES, Rung.BLOCKS, Rung.LAYERS, Rung.HALVED):
        room = Room(CPU.device, 0, free=lambda: GIB, release=lambda: None)
        machine = replace(small_gpu(), rung=rung, room=room)
        assert np.array_equal(Estimators(machine).see(pose, SOURCE, people), expected), rung


def test_it_is_read_from_the_disk_once(depth: AdapterInfo, tmp_path: Path) -> None:
    copy = estimator(Path(shutil.copytree(depth.path, tmp_path / "copy")))
    estimators = Estimators(CPU)
    before = estimators.see(copy, SOURCE)
    shutil.rmtree(copy.path)
    assert np.array_equal(estimators.see(copy, SOURCE), before)


def with_config(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        config = folder / "config.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | changes))

    return change


def without_its_head(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if not name.startswith("head.")}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})


def cut_off(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-50])


def without_its_processor(folder: Path) -> None:
    (folder / "preprocessor_config.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut_off, "cannot be loaded"),
        (without_its_head, "cannot be loaded"),
        (without_its_processor, "cannot be loaded"),
        (with_config(model_type="unheard"), "cannot be loaded"),
        (with_config(model_type="zoedepth"), r"sees depths in a way \(zoedepth\)"),
    ],
)
def test_what_sees_no_depths_is_refused_in_a_sentence(
    depth: AdapterInfo, tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    folder = Path(shutil.copytree(depth.path, tmp_path / "spoilt"))
    spoil(folder)
    with pytest.raises(ModelError, match=says):
        Estimators(CPU).see(estimator(folder), SOURCE)


def test_weights_that_nothing_asks_may_be_left_out(depth: AdapterInfo, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(depth.path, tmp_path / "lean"))
    weights = load_file(folder / "model.safetensors")
    kept = {
        name: weight
        for name, weight in weights.items()
        if "layers.0.residual_layer1" not in name and not name.endswith("mask_token")
    }
    assert len(kept) < len(weights)
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    assert np.array_equal(see(folder), see(depth.path))


def see(folder: Path) -> Pixels:
    return Estimators(CPU).see(estimator(folder), SOURCE)


def test_what_no_model_makes_here_is_refused_in_a_sentence(depth: AdapterInfo) -> None:
    with pytest.raises(ModelError, match="a normals picture, which no model makes here"):
        Estimators(CPU).see(replace(depth, preprocessor="normals"), SOURCE)

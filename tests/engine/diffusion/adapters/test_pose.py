"""Models that see how people stand, and others that find them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.people import PeopleFinder, load_people
from studio.engine.diffusion.adapters.pose import PoseEstimator, load_pose
from studio.generation.catalog import AdapterInfo
from tests.helpers.adapters import adapter_info
from tests.helpers.machines import CPU
from tests.helpers.tiny.guides import save_people, save_pose

HEIGHT, WIDTH = 60, 90
SOURCE = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
ROWS, COLUMNS = 16, 12
"""Of the heat maps of a model that sees pictures of 64 by 48."""


def estimator(folder: Path) -> AdapterInfo:
    return adapter_info(folder, "estimator", "any", preprocessor=folder.name)


@pytest.fixture(scope="module")
def poses(tmp_path_factory: pytest.TempPathFactory) -> PoseEstimator:
    return load_pose(estimator(save_pose(tmp_path_factory.mktemp("seers") / "pose", seed=1)), CPU)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> PeopleFinder:
    folder = tmp_path_factory.mktemp("seers") / "people"
    return load_people(estimator(save_people(folder, seed=1)), CPU)


def hot(x: float, y: float) -> torch.Tensor:
    """A heat map with its summit there, in cells."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    heat = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.0**2))
    return torch.from_numpy(heat.astype(np.float32))


@pytest.mark.parametrize("at", [(5.0, 8.0), (4.3, 9.4), (6.6, 7.2)])
def test_a_point_is_where_the_summit_of_its_heat_lies(
    poses: PoseEstimator, at: tuple[float, float]
) -> None:
    heat = torch.stack([hot(*at)] * 17)[None]
    config = poses.model.config
    told = replace(poses, model=_Saying(config, heatmaps=heat))
    [person] = told.people(SOURCE, np.array([[20, 10, 30, 40]], np.float32))
    middle, size = np.array((35, 30)), np.array((37.5, 50))
    expected = middle - size / 2 + np.array(at) / (COLUMNS - 1, ROWS - 1) * size
    assert np.abs(person - expected).max() < 0.2


def test_what_is_seen_of_a_box_is_its_middle_with_something_around(poses: PoseEstimator) -> None:
    """The whole picture, as high as the model wants it: a column of the middle keeps its colour."""
    pixels = np.zeros((80, 60, 3), np.uint8)
    pixels[:, 30:] = 255
    seen: list[torch.Tensor] = []
    told = replace(
        poses, model=_Saying(poses.model.config, seen, heatmaps=torch.zeros(1, 17, 4, 3))
    )
    told.people(pixels, np.array([[0, 0, 60, 80]], np.float32))
    [planes] = seen
    assert planes.shape == (1, 3, 64, 48)
    mean, deviation = (
        torch.tensor(each) for each in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    )
    shown = planes[0] * deviation[:, None, None] + mean[:, None, None]
    assert torch.allclose(shown[:, 32, 40], torch.ones(3), atol=1e-5)
    for column in (2, 20, 47):  # beyond the picture, left of its middle, beyond it again
        assert torch.allclose(shown[:, 32, column], torch.zeros(3), atol=1e-5)


def test_where_nobody_is_found_nobody_is_drawn(poses: PoseEstimator, finder: PeopleFinder) -> None:
    nobody = _Saying(
        finder.model.config, logits=torch.full((1, 6, 2), -9.0), pred_boxes=torch.rand(1, 6, 4)
    )
    assert not poses.see(SOURCE, replace(finder, model=nobody)).any()
    assert poses.see(SOURCE).any()


def test_people_are_found_by_their_boxes_the_surest_first(finder: PeopleFinder) -> None:
    logits = torch.tensor([[[0.0, -9.0], [2.0, -9.0], [-9.0, 5.0], [-2.0, -9.0]]])
    boxes = torch.tensor([[[0.5, 0.5, 1.0, 1.0], [0.25, 0.5, 0.5, 0.2], [0.0] * 4, [0.1] * 4]])
    told = replace(finder, model=_Saying(finder.model.config, logits=logits, pred_boxes=boxes))
    expected = [(0, 0.4 * HEIGHT, WIDTH / 2, 0.2 * HEIGHT), (0, 0, WIDTH, HEIGHT)]
    assert np.allclose(told.find(SOURCE), expected, atol=1e-3)


def test_each_who_is_found_is_drawn(poses: PoseEstimator, finder: PeopleFinder) -> None:
    boxes = finder.find(SOURCE)
    assert len(poses.people(SOURCE, boxes)) == len(boxes) == 6
    assert poses.people(SOURCE, boxes[:0]) == []


def test_a_model_of_several_experts_sees_by_that_of_coco(tmp_path: Path) -> None:
    experts = load_pose(estimator(save_pose(tmp_path / "pose", seed=1, experts=3)), CPU)
    assert experts.see(SOURCE).shape == SOURCE.shape


def of_another_kind(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_type": "yolos"}))


def cut_off(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-50])


@pytest.mark.parametrize(
    ("spoil", "says"), [(of_another_kind, r"\(yolos\)"), (cut_off, "cannot be loaded")]
)
def test_what_sees_otherwise_is_refused_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    seers = save_pose(tmp_path / "pose", seed=1), save_people(tmp_path / "people", seed=1)
    for folder, load in zip(seers, (load_pose, load_people), strict=True):
        spoil(folder)
        with pytest.raises(ModelError, match=says):
            load(estimator(folder), CPU)


def test_what_knows_no_people_or_other_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_people(estimator(save_people(tmp_path / "people", seed=1, labels=("cat",))), CPU)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_pose(estimator(save_pose(tmp_path / "pose", seed=1, points=9)), CPU)


class _Saying:
    """A model that answers the same whatever it sees, which it keeps."""

    def __init__(
        self, config: object, seen: list[torch.Tensor] | None = None, **answer: torch.Tensor
    ) -> None:
        self.config = config
        self._seen = [] if seen is None else seen
        self._answer = SimpleNamespace(**answer)

    def __call__(self, planes: torch.Tensor) -> SimpleNamespace:
        self._seen.append(planes)
        return self._answer

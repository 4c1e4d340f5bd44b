"""Pictures enlarged: sizes, tiles that leave no trace, and memory that runs out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.desk import JobStopped
from studio.engine.diffusion.device.machine import find_machine
from studio.engine.diffusion.upscalers.loading import load_network
from studio.engine.diffusion.upscalers.network import Network
from studio.engine.diffusion.upscalers.upscaler import FACTORS, Upscaler, Watch, steps_to
from tests.helpers.upscalers import compact, esrgan, save_upscaler


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for factor in FACTORS:
        shapes = compact(factor, width=8, depth=2)
        save_upscaler(tmp_path / f"x{factor}.safetensors", shapes, seed=factor)
    return tmp_path


@pytest.fixture
def upscaler(folder: Path) -> Upscaler:
    return Upscaler.of_model(folder, find_machine(spare_cores=1))


def in_tiles(network: Network, tile: int) -> Upscaler:
    return Upscaler([network], find_machine(spare_cores=1), tile)


def noise(width: int, height: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


UNWATCHED = Watch()


def recorder(told: list[tuple[int, int]]) -> Watch:
    return Watch(told=lambda done, total: told.append((done, total)))


@given(st.floats(0.1, 32.0), st.sets(st.sampled_from([2, 3, 4, 8]), min_size=1))
def test_steps_reach_the_factor_without_going_far_beyond(factor: float, there: set[int]) -> None:
    reached = np.prod(steps_to(factor, there), initial=1.0)
    assert reached * 1.06 >= factor
    assert reached <= max(1.0, max(there) * factor)


@pytest.mark.parametrize(("factor", "enlarged"), [(1.0, 1), (1.5, 2), (2, 2), (4, 4), (8, 8)])
def test_a_picture_grows_in_whole_steps(upscaler: Upscaler, factor: float, enlarged: int) -> None:
    large = upscaler.enlarge(noise(12, 9), factor, UNWATCHED)
    assert large.shape == (9 * enlarged, 12 * enlarged, 3)
    assert large.dtype == np.uint8


@pytest.mark.parametrize(
    "shapes",
    [
        compact(4, width=8, depth=2),
        compact(2, width=8, depth=32),
        esrgan(blocks=1, width=8, growth=4),
        esrgan(blocks=1, width=8, growth=4, unshuffled=2),
    ],
    ids=["compact", "deep", "dense", "unshuffled"],
)
def test_tiles_leave_no_trace(tmp_path: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    network = load_network(save_upscaler(tmp_path / "a.safetensors", shapes))
    pixels = noise(151, 75)
    whole, tiled = (
        in_tiles(network, side).enlarge(pixels, network.factor, UNWATCHED).astype(int)
        for side in (256, 32)
    )
    assert np.ptp(whole) > 0
    assert np.abs(tiled - whole).max() <= 1


def test_it_tells_how_many_tiles_of_all_steps_are_done(upscaler: Upscaler) -> None:
    told: list[tuple[int, int]] = []
    upscaler.enlarge(noise(128, 32), 8, recorder(told))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_it_stops_between_tiles_and_within_them(folder: Path) -> None:
    small = in_tiles(load_network(folder / "x2.safetensors"), 8)
    told: list[tuple[int, int]] = []
    seen = 0

    def stop_later() -> None:
        nonlocal seen
        seen += 1
        if seen == 10:
            raise JobStopped

    watch = Watch(stop_later, recorder(told).told)
    with pytest.raises(JobStopped):
        small.enlarge(noise(64, 64), 2, watch)
    assert [done for done, _ in told] == [1, 2]


class Hungry(Network):
    """Repeats pixels, where there are not too many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.factor = 2
        self.reach = 0
        self.most = most

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        if pictures[0, 0].numel() > self.most:
            raise torch.OutOfMemoryError("no more")
        return pictures.repeat_interleave(2, -1).repeat_interleave(2, -2)


def test_where_memory_runs_out_it_goes_on_in_smaller_tiles() -> None:
    pixels, told = noise(128, 128), list[tuple[int, int]]()
    upscaler = in_tiles(Hungry(most=64**2), 256)
    large = upscaler.enlarge(pixels, 2, recorder(told))
    assert np.array_equal(large, pixels.repeat(2, 0).repeat(2, 1))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    told.clear()
    upscaler.enlarge(pixels, 2, recorder(told))
    assert len(told) == 4


def test_where_no_tile_is_small_enough_it_fails() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        in_tiles(Hungry(most=0), 256).enlarge(noise(64, 64), 2, UNWATCHED)


def test_another_mistake_is_no_matter_of_memory() -> None:
    class Broken(Hungry):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        in_tiles(Broken(most=0), 256).enlarge(noise(64, 64), 2, UNWATCHED)


def test_a_network_that_brings_no_numbers_is_told() -> None:
    class Lost(Hungry):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return super().forward(pictures) * torch.nan

    with pytest.raises(ModelError, match="choose another one"):
        in_tiles(Lost(most=64**2), 256).enlarge(noise(64, 64), 2, UNWATCHED)

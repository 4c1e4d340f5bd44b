"""Upsamplers: sizes, tiles that leave no trace, and files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from studio.core.errors import ModelError
from studio.engine.desk import JobStopped
from studio.engine.diffusion import upscale
from studio.engine.diffusion.machine import find_machine
from studio.engine.diffusion.upscale import CompactUpsampler, Upscaler, steps_to


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    for factor in upscale.FACTORS:
        network = CompactUpsampler(factor, width=8, depth=2)
        save_file(network.state_dict(), tmp_path / f"x{factor}.safetensors")
    return tmp_path


@pytest.fixture
def upscaler(folder: Path) -> Upscaler:
    return Upscaler(folder, find_machine(spare_cores=1))


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def never() -> None:
    """Nothing stops it."""


@given(st.floats(0.1, 32.0))
def test_steps_reach_the_factor_without_going_far_beyond(factor: float) -> None:
    reached = np.prod(steps_to(factor), initial=1.0)
    assert reached * 1.06 >= factor
    assert reached <= max(1.0, 4 * factor)


@pytest.mark.parametrize(("factor", "enlarged"), [(1.0, 1), (1.5, 2), (2, 2), (4, 4), (8, 8)])
def test_a_picture_grows_in_whole_steps(upscaler: Upscaler, factor: float, enlarged: int) -> None:
    large = upscaler.enlarge(noise(12, 9), factor, never)
    assert large.shape == (9 * enlarged, 12 * enlarged, 3)
    assert large.dtype == np.uint8


def test_tiles_leave_no_trace(upscaler: Upscaler, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(70, 50)
    whole = upscaler.enlarge(pixels, 4, never).astype(int)
    monkeypatch.setattr(upscale, "TILE", 16)
    assert np.abs(upscaler.enlarge(pixels, 4, never) - whole).max() <= 1


def test_it_stops_between_tiles(upscaler: Upscaler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upscale, "TILE", 8)
    left = iter(range(3))

    def stop_later() -> None:
        if next(left, None) is None:
            raise JobStopped

    with pytest.raises(JobStopped):
        upscaler.enlarge(noise(64, 64), 2, stop_later)


def test_an_untrained_upsampler_of_zeros_repeats_pixels() -> None:
    network = CompactUpsampler(2, width=4, depth=1)
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    small = torch.rand(1, 3, 3, 3)
    with torch.no_grad():
        large = network(small)
    assert torch.equal(large, small.repeat_interleave(2, -1).repeat_interleave(2, -2))


@pytest.mark.parametrize("content", [None, b"", b"junk", "other"])
def test_a_missing_or_damaged_file_is_refused_by_name(
    folder: Path, content: bytes | str | None
) -> None:
    path = folder / "x4.safetensors"
    path.unlink()
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match=r"x4\.safetensors"):
        Upscaler(folder, find_machine(spare_cores=1))

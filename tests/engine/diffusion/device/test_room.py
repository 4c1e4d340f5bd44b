"""Modules that share room on a device whose memory the test counts."""

import torch
from diffusers import AutoencoderKL
from torch import nn

from studio.engine.diffusion.device.room import Room
from tests.helpers.tiny.parts import autoencoder

DEVICE = torch.device("cpu")
LAYER_BYTES = 8 * 8 * 4


class Device:
    """Counts what is in a room of so many layers."""

    def __init__(self, layers: int, spare: int = 0) -> None:
        self.room = Room(DEVICE, spare * LAYER_BYTES, self.free, self.release)
        self.releases = 0
        self._layers = layers

    @property
    def inside(self) -> list[nn.Module]:
        return list(self.room.inside)

    def free(self) -> int:
        return (self._layers - len(self.inside)) * LAYER_BYTES

    def release(self) -> None:
        self.releases += 1


def layers(device: Device, count: int) -> list[nn.Linear]:
    made = [nn.Linear(8, 8, bias=False) for _ in range(count)]
    for layer in made:
        device.room.add(layer)
    return made


def test_modules_come_in_when_they_are_called() -> None:
    device = Device(3)
    first, second = layers(device, 2)
    assert not device.inside
    second(torch.zeros(1, 8))
    assert device.inside == [second]
    first(torch.zeros(1, 8))
    assert device.inside == [second, first]


def test_what_was_not_asked_the_longest_makes_room() -> None:
    device = Device(2)
    first, second, third = layers(device, 3)
    for layer in (first, second, first, third):
        layer(torch.zeros(1, 8))
    assert device.inside == [first, third]
    assert device.releases == 1


def test_modules_that_fit_side_by_side_are_not_sent_for_at_every_step() -> None:
    device = Device(2)
    denoiser, beside = layers(device, 2)
    for _ in range(5):
        beside(torch.zeros(1, 8))
        denoiser(torch.zeros(1, 8))
    assert device.releases == 0


def test_room_is_left_for_what_is_computed_with() -> None:
    device = Device(2, spare=1)
    first, second = layers(device, 2)
    first(torch.zeros(1, 8))
    second(torch.zeros(1, 8))
    assert device.inside == [second]


def test_a_module_that_is_too_large_comes_in_all_the_same() -> None:
    device = Device(0)
    [only] = layers(device, 1)
    assert only(torch.zeros(1, 8)).shape == (1, 8)


def test_autoencoders_come_in_for_both_of_their_ways() -> None:
    device = Device(9)
    module: AutoencoderKL = autoencoder()
    device.room.add(module)
    with torch.inference_mode():
        module.encode(torch.zeros(1, 3, 16, 16))
    assert device.inside == [module]

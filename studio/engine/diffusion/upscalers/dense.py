"""ESRGAN's generator (Wang et al. 2018, https://arxiv.org/abs/1809.00219).

Its trunk is made of residual blocks of dense blocks, without any normalisation; behind it the
picture is doubled again and again, each time by repeating pixels and a convolution. For scales
below its own Real-ESRGAN (Wang et al. 2021, https://arxiv.org/abs/2107.10833) first makes the
picture smaller, its pixels channels.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.engine.diffusion.upscalers.network import Network

_GROWING: Final = 5
"""Convolutions of a dense block."""
_DENSE: Final = 3
"""Dense blocks of a residual one."""
_RESIDUAL_SHARE: Final = 0.2
_SLOPE: Final = 0.2
_BEHIND_TRUNK: Final = 2
"""Pixels that the convolutions behind the trunk see to each side: they work on larger pictures."""


class _DenseBlock(nn.Module):
    """Each convolution sees what all before it have made."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        for index in range(_GROWING):
            given = growth if index < _GROWING - 1 else width
            taken = width + index * growth
            self.add_module(f"conv{index + 1}", nn.Conv2d(taken, given, 3, padding=1))

    def forward(self, hidden: Tensor) -> Tensor:
        *growing, last = self.children()
        seen = hidden
        for layer in growing:
            seen = torch.cat((seen, _activated(layer(seen))), dim=1)
        made: Tensor = last(seen)
        return hidden + made * _RESIDUAL_SHARE


class _ResidualBlock(nn.Module):
    """Dense blocks one after another, added to what came in."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        for index in range(_DENSE):
            self.add_module(f"rdb{index + 1}", _DenseBlock(width, growth))

    def forward(self, hidden: Tensor) -> Tensor:
        made = hidden
        for block in self.children():
            made = block(made)
        return hidden + made * _RESIDUAL_SHARE


class DenseUpsampler(Network):
    """ESRGAN's generator, with the names that BasicSR gives its tensors.

    Args:
        doublings: how often it doubles.
        unshuffled: by how much the picture is made smaller first.
        width: channels of the trunk.
        growth: channels that each convolution of a dense block adds.
        blocks: residual blocks of the trunk.
    """

    def __init__(
        self, *, doublings: int, unshuffled: int, width: int, growth: int, blocks: int
    ) -> None:
        super().__init__()
        self.factor = 2**doublings // unshuffled
        self.reach = unshuffled * (blocks * _DENSE * _GROWING + 2 + _BEHIND_TRUNK)
        self._unshuffled = unshuffled
        self.conv_first = nn.Conv2d(3 * unshuffled**2, width, 3, padding=1)
        self.body = nn.Sequential(*(_ResidualBlock(width, growth) for _ in range(blocks)))
        self.conv_body = nn.Conv2d(width, width, 3, padding=1)
        self._doubling = [f"conv_up{index + 1}" for index in range(doublings)]
        for name in self._doubling:
            self.add_module(name, nn.Conv2d(width, width, 3, padding=1))
        self.conv_hr = nn.Conv2d(width, width, 3, padding=1)
        self.conv_last = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """As for all networks."""
        height, width = pictures.shape[2:]
        hidden = self.conv_first(self._made_smaller(pictures))
        hidden = hidden + self.conv_body(self.body(hidden))
        for name in self._doubling:
            doubled = functional.interpolate(hidden, scale_factor=2)
            hidden = _activated(self.get_submodule(name)(doubled))
        large: Tensor = self.conv_last(_activated(self.conv_hr(hidden)))
        return large[..., : height * self.factor, : width * self.factor]

    def _made_smaller(self, pictures: Tensor) -> Tensor:
        """Pixels made channels; sides that do not divide are continued by their last pixels."""
        if self._unshuffled == 1:
            return pictures
        down, across = (-side % self._unshuffled for side in pictures.shape[2:])
        whole = functional.pad(pictures, (0, across, 0, down), mode="replicate")
        return functional.pixel_unshuffle(whole, self._unshuffled)


def _activated(hidden: Tensor) -> Tensor:
    return functional.leaky_relu(hidden, _SLOPE, inplace=True)

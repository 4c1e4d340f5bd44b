"""The compact networks of Real-ESRGAN (Wang et al. 2021, https://arxiv.org/abs/2107.10833)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from studio.engine.diffusion.upscalers.network import Network


class CompactUpsampler(Network):
    """Convolutions at the small size, then a pixel shuffle, added to the enlarged input.

    Tensors are named as in Real-ESRGAN's ``SRVGGNetCompact``, whose files have the same form.

    Args:
        factor: by which it enlarges.
        width: channels of its hidden layers.
        depth: number of hidden convolutions beside the first and the last.
    """

    def __init__(self, factor: int, width: int, depth: int) -> None:
        super().__init__()
        self.factor = factor
        self.reach = depth + 2
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(depth):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)]
        layers.append(nn.Conv2d(width, 3 * factor**2, 3, padding=1))
        self.body = nn.ModuleList(layers)
        self.shuffle = nn.PixelShuffle(factor)

    def forward(self, pictures: Tensor) -> Tensor:
        """As for all networks."""
        hidden = pictures
        for layer in self.body:
            hidden = layer(hidden)
        enlarged: Tensor = self.shuffle(hidden)
        return enlarged + functional.interpolate(pictures, scale_factor=self.factor)

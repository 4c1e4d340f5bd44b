"""What all networks that enlarge have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Network(nn.Module, ABC):
    """Takes pictures to a larger size in one pass.

    Attributes:
        factor: by which it enlarges.
        reach: how many pixels of the input to each side a pixel of the output depends on.
    """

    factor: int
    reach: int

    @abstractmethod
    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures ``(n, 3, h, w)`` in 0 to 1, enlarged; may reach a little beyond that range."""

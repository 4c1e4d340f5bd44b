"""Pictures that guide the painting, and the steps for which they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from studio.core.picture import Pixels
from studio.generation.catalog import AdapterInfo


@dataclass(frozen=True, eq=False)
class Guiding:
    """A picture, and what an adapter is to make of it.

    Attributes:
        adapter: that looks at it.
        pixels: ``(h, w, 3)``; of the painting's extent where its shapes are followed.
        weight: 0 does nothing.
        begin, end: the share of the steps after which it begins and ends, 0 to 1.
        preprocessor: makes what the adapter reads; empty where the picture is that already.
        kind: of what the adapter reads, such as ``pose``; empty where nobody says so.
    """

    adapter: AdapterInfo
    pixels: Pixels
    weight: float = 1.0
    begin: float = 0.0
    end: float = 1.0
    preprocessor: str = ""
    kind: str = ""

    def guides(self, begun: float, ended: float) -> bool:
        """Whether it does so in a step from one share of the steps to another."""
        return begun >= self.begin and ended <= self.end


class Course:
    """How far a painting is at a timestep, by the steps that are made of it.

    Args:
        timesteps: of the scheduler, those included that are left out where there is a source.
    """

    def __init__(self, timesteps: Sequence[float]) -> None:
        self._timesteps = tuple(timesteps)
        self._first = float("-inf")

    def span(self, timestep: torch.Tensor) -> tuple[float, float]:
        """The shares of the steps that are done before and after the one of a timestep.

        The timesteps are to be told in their order, for the first of them is where it begins.
        """
        now = float(timestep)
        self._first = max(self._first, now)
        made = [each for each in self._timesteps if each <= self._first]
        done, steps = sum(each > now for each in made), max(1, len(made))
        return done / steps, min(done + 1, steps) / steps

    def weights(self, guides: Sequence[Guiding], timestep: torch.Tensor) -> list[float]:
        """What each counts for in the step of a timestep: nothing outside its range."""
        begun, ended = self.span(timestep)
        return [each.weight if each.guides(begun, ended) else 0.0 for each in guides]

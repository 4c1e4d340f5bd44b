"""How the selection tools select."""

from __future__ import annotations

import msgspec

from studio.core.colour import Colour
from studio.core.commands.selection import Target
from studio.core.selection import MAX_RADIUS, Operation


class SelectSettings(msgspec.Struct, frozen=True):
    """What the selection tools have in common; each uses what concerns it.

    Attributes:
        operation: what a new selection does to the old one, unless a key says otherwise.
        target: the selection, or the painted mask.
        feather: pixels to either side over which new edges fade.
        antialias: whether new edges are soft between pixels.
        tolerance: of the magic wand, the largest difference of a channel, 0 to 255.
        contiguous: whether the wand stays in the region that was clicked.
        all_layers: whether the wand and the colour range see the picture, or the active layer.
        fuzziness: of the colour range: the difference at which nothing is selected any more.
        quick_mask: the colour in which a selection is shown that is being painted.

    Raises:
        ValueError: if a number lies beyond its range.
    """

    operation: Operation = Operation.REPLACE
    target: Target = Target.SELECTION
    feather: int = 0
    antialias: bool = True
    tolerance: int = 32
    contiguous: bool = True
    all_layers: bool = True
    fuzziness: int = 60
    quick_mask: Colour = Colour(40, 120, 255)

    def __post_init__(self) -> None:
        limits = ((self.feather, MAX_RADIUS), (self.tolerance, 255), (self.fuzziness, 255))
        if not all(0 <= value <= most for value, most in limits):
            raise ValueError(f"Nothing can be selected by {self}.")

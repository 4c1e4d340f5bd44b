"""The whole picture is scaled, turned or mirrored: canvas, layers, masks, guides and all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from studio.core.commands.canvas import ProjectCanvas, SetFrame, SetGuides
from studio.core.commands.group import CommandGroup
from studio.core.commands.selection import SetChannel, SetSelection, Target
from studio.core.commands.stack import Command
from studio.core.commands.transform import layer_changes, projected_mask
from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.core.guides import Guide, Orientation
from studio.core.projection import Projection, bounds_around
from studio.core.subject import Outcome, Subject
from studio.core.tiles import Snapshot


class ImageChange(msgspec.Struct, frozen=True):
    """A projection of the whole picture onto another canvas.

    Attributes:
        projection: of everything.
        canvas: as it will be.
        name: as the person reads it.
    """

    projection: Projection
    canvas: Bounds
    name: str

    @classmethod
    def turned(cls, canvas: Bounds, quarters: int) -> ImageChange:
        """A picture turned clockwise by quarters; its top left corner stays in its place."""
        names = {1: "Turn image right", 2: "Turn image around", 3: "Turn image left"}
        turn = Projection.turning(90.0 * quarters)
        place = bounds_around(turn.quad(canvas))
        back = Projection.moving(canvas.x - place.x, canvas.y - place.y)
        after = Bounds(canvas.x, canvas.y, place.width, place.height)
        return cls(turn.then(back), after, names[quarters % 4])

    @classmethod
    def mirrored(cls, canvas: Bounds, *, across: bool) -> ImageChange:
        """A picture with left and right, or top and bottom, swapped."""
        about = (canvas.x + canvas.width / 2, canvas.y + canvas.height / 2)
        factors = (-1.0, 1.0) if across else (1.0, -1.0)
        return cls(Projection.scaling(*factors, about), canvas, "Mirror image")

    @classmethod
    def scaled(cls, canvas: Bounds, extent: Extent) -> ImageChange:
        """A picture of another size; its top left corner stays in its place."""
        x, y = extent.width / canvas.width, extent.height / canvas.height
        after = Bounds(canvas.x, canvas.y, *extent)
        return cls(Projection.scaling(x, y, canvas.origin), after, "Scale image")


class ImageOutcome(msgspec.Struct, frozen=True):
    """Everything after the projection."""

    layers: Sequence[Outcome]
    mask: Snapshot
    selection: Snapshot
    channels: Mapping[str, Snapshot]


class ImageSubject(msgspec.Struct, frozen=True):
    """A whole picture in hand, as it was when it was taken."""

    layers: Subject
    mask: Snapshot
    selection: Snapshot
    channels: Mapping[str, Snapshot]

    @classmethod
    def take(cls, document: Document) -> ImageSubject:
        """All of it, at no cost but that of finding where its pixels are."""
        return cls(
            Subject.whole(document),
            document.mask.snapshot(),
            document.selection.snapshot(),
            dict(document.channels),
        )

    def projected(self, projection: Projection) -> ImageOutcome:
        """The final pixels; works in any thread, and may take a while."""
        return ImageOutcome(
            self.layers.projected(projection),
            projected_mask(self.mask, projection),
            projected_mask(self.selection, projection),
            {name: projected_mask(mask, projection) for name, mask in self.channels.items()},
        )


def change_image(
    document: Document, subject: ImageSubject, change: ImageChange, outcome: ImageOutcome
) -> Command:
    """What makes the change of a whole picture final, as one step.

    Args:
        document: still as it was when ``subject`` was taken.
        subject: all of it.
        change: what is done to it.
        outcome: what `ImageSubject.projected` made of it.
    """
    projection, name = change.projection, change.name
    commands = layer_changes(subject.layers, projection, outcome.layers, name)
    if not subject.mask.is_empty:
        commands.append(SetSelection(outcome.mask, name, Target.MASK))
    if not subject.selection.is_empty:
        commands.append(SetSelection(outcome.selection, name))
    commands += [SetChannel(channel, mask) for channel, mask in outcome.channels.items()]
    guides = tuple(moved_guide(guide, projection) for guide in document.guides)
    frame = bounds_around(projection.quad(document.frame), 0.5)
    commands.append(SetGuides(guides, name))
    commands.append(ProjectCanvas(change.canvas, projection, name))
    commands.append(SetFrame(frame if not frame.is_empty else change.canvas))
    return CommandGroup(name, commands)


def moved_guide(guide: Guide, projection: Projection) -> Guide:
    """A guide where a projection without skew takes it; quarter turns make it run the other way."""
    upright = guide.orientation is Orientation.VERTICAL
    first = projection.apply((guide.position, 0) if upright else (0, guide.position))
    second = projection.apply((guide.position, 1) if upright else (1, guide.position))
    if abs(first.x - second.x) < abs(first.y - second.y):
        return Guide(Orientation.VERTICAL, round(first.x))
    return Guide(Orientation.HORIZONTAL, round(first.y))

"""Pictures that are chosen to guide, from which requests name theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from studio.core.picture import Picture
from studio.generation.request import Control, Reference


class GuidePicture(msgspec.Struct, frozen=True):
    """A picture that is to guide, and how.

    Attributes:
        guide: what is asked for; which picture it names does not matter.
        picture: None stands for what lies where it is painted.
    """

    guide: Control | Reference
    picture: Picture | None = None


class Guides(msgspec.Struct, frozen=True):
    """The guides of a request.

    Attributes:
        controls, references: as in `studio.generation.request.Sampling`.
        pictures: that these name.
    """

    controls: tuple[Control, ...] = ()
    references: tuple[Reference, ...] = ()
    pictures: tuple[Picture, ...] = ()


def resolved(chosen: Iterable[GuidePicture], seen: Callable[[], Picture]) -> Guides:
    """What a request says of the pictures that were chosen.

    Args:
        chosen: in the order in which they are to count.
        seen: brings what lies where it is painted, in ``RGB``.
    """
    controls, references, pictures = [], [], []
    for each in chosen:
        picture = seen() if each.picture is None else each.picture
        guide = msgspec.structs.replace(each.guide, picture=picture.digest)
        pictures.append(picture)
        if isinstance(guide, Control):
            controls.append(guide)
        else:
            references.append(guide)
    return Guides(tuple(controls), tuple(references), tuple(pictures))

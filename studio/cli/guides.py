"""``--control`` and ``--reference``: pictures that guide, as they are written on a command line."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from studio.core.errors import RequestError
from studio.core.picture import Picture
from studio.files.pictures import load_picture
from studio.generation.adapters import adapter_named
from studio.generation.catalog import AdapterInfo
from studio.generation.catalog_entries import UNION
from studio.generation.guides import GuidePicture
from studio.generation.request import Control, Reference

_NAMED = re.compile(r"([^=/\\]+)(?:/([a-z-]+))?=(.+)")
_NOTHING = "none"
"""Stands for no preprocessor."""

_ALREADY = "as-"
"""Comes before the kind of a picture that needs none."""


def read_control(text: str, adapters: Sequence[AdapterInfo], family: str) -> GuidePicture:
    """What ``ID=PICTURE``, ``ID/PREPROCESSOR=PICTURE`` or either with ``:WEIGHT`` asks for.

    ``ID/as-KIND=PICTURE`` is for a picture that is of the ControlNet's kind already.

    Args:
        text: as it was written.
        adapters: of the catalog.
        family: of the model.

    Raises:
        RequestError: if it is none of these, or there is no such ControlNet, or it reads several
            kinds of pictures and nothing says of which this one is.
        PictureError: if the picture cannot be read.
    """
    found = _NAMED.fullmatch(text)
    if found is None:
        raise RequestError(
            f"{text!r} names no ControlNet and picture: write such as canny-sdxl=picture.png:0.8."
        )
    name, said, place = found.groups()
    adapter = adapter_named(name, "controlnet", adapters, family)
    path, weight = _weighed(place)
    wanted = adapter.preprocessor if said is None else said
    if adapter.preprocessor == UNION and wanted in (UNION, _NOTHING):
        raise RequestError(
            f"{adapter.title} reads pictures of several kinds: write such as "
            f"{adapter.id}/pose={path}, or {adapter.id}/as-pose={path} where it is a pose already."
        )
    kind = wanted.removeprefix(_ALREADY)
    guide = Control(
        picture="",
        adapter=adapter.id,
        weight=adapter.weight if weight is None else weight,
        preprocessor="" if kind != wanted or wanted == _NOTHING else wanted,
        kind=kind if kind != wanted else "",
    )
    return GuidePicture(guide, _read(path))


def read_reference(text: str, adapters: Sequence[AdapterInfo], family: str) -> GuidePicture:
    """What ``PICTURE`` or ``ID=PICTURE``, perhaps with ``:WEIGHT``, asks for.

    Args, errors: as for `read_control`, for IP-Adapters.
    """
    found = _NAMED.fullmatch(text)
    if found is None:
        path, weight = _weighed(text)
        return GuidePicture(Reference(picture="", weight=_or_one(weight)), _read(path))
    adapter = adapter_named(found[1], "ip_adapter", adapters, family)
    path, weight = _weighed(found[3])
    guide = Reference(
        picture="", adapter=adapter.id, weight=adapter.weight if weight is None else weight
    )
    return GuidePicture(guide, _read(path))


def _weighed(text: str) -> tuple[Path, float | None]:
    """``PICTURE:WEIGHT`` taken apart; a picture's name may have colons in it."""
    path, colon, last = text.rpartition(":")
    try:
        weight = float(last)
    except ValueError:
        return Path(text), None
    return (Path(path), weight) if colon and math.isfinite(weight) else (Path(text), None)


def _or_one(weight: float | None) -> float:
    return 1.0 if weight is None else weight


def _read(path: Path) -> Picture:
    return load_picture(path).picture

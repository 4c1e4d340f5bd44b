"""How the command line ends: exit codes, and what leads to them."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, NamedTuple

from studio.core.errors import (
    EngineError,
    GalleryError,
    KnownError,
    ModelError,
    PictureError,
    RequestError,
)

_TYPES: Final = {
    RequestError: "request",
    PictureError: "picture",
    ModelError: "model",
    EngineError: "engine",
    GalleryError: "gallery",
}


class ExitCode(enum.IntEnum):
    """What scripts may rely on."""

    DONE = 0
    BUG = 1
    """Our mistake; the log has the details."""
    USAGE = 2
    """The command line itself is wrong."""
    ERROR = 3
    """Something that the person can mend, said in one line."""
    CANCELLED = 130
    """Stopped with Ctrl+C; what was finished before is kept."""
    NOBODY_READS = 141
    """Whoever read the output went away, as with ``| head``."""
    TERMINATED = 143
    """Another program asked it to end."""


class Failure(NamedTuple):
    """Why a command failed, as ``--json`` tells it: ``{"error": {"code", "type", "message"}}``.

    Attributes:
        code: the exit code.
        type: what it is about: usage, request, picture, model, engine, gallery, disk, cancelled,
            bug, or other.
        message: one sentence.
    """

    code: ExitCode
    type: str
    message: str


class UsageError(Exception):
    """The arguments do not go together."""


class CancelledError(Exception):
    """The person stopped it; the message, if any, says what is left of it."""


def type_of(error: KnownError) -> str:
    """What an error that the person can mend is about, as of `Failure`."""
    return next((name for kind, name in _TYPES.items() if isinstance(error, kind)), "other")


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, also one that cannot be understood."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return not {"--json", "--json=true"}.isdisjoint(options)

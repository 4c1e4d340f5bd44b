"""How one picture was made: the request, and what became of it.

The same value is stored in the gallery, written into picture files and read back from them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from studio import __version__
from studio.generation.request import Making


class Recipe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that is needed to make a picture again, and a little history.

    Attributes:
        request: what was asked for.
        index: which of the request's candidates this is, counted from 0.
        score: CLIP's cosine similarity with the prompt, where it was asked for.
        seconds: what the picture took.
        model_digest: names the weights by content; empty where it is not known.
        job_id: of the job that made it; candidates of one job share it.
        parents: gallery ids of the pictures that it was made from, where they are known.
        created: when, with a time zone.
        software: the program that made it, with its version.
    """

    request: Making
    index: int = 0
    score: float | None = None
    seconds: float = 0.0
    model_digest: str = ""
    job_id: str = ""
    parents: tuple[str, ...] = ()
    created: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    software: str = f"Sfumato {__version__}"

    @property
    def seed(self) -> int:
        """The picture's own seed."""
        return self.request.seed_of(self.index)

    @property
    def model(self) -> str:
        """The catalog's id of the model."""
        return self.request.model

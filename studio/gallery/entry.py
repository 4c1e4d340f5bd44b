"""A picture of the gallery, as a value."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from studio.core.geometry import Extent
from studio.generation.recipe import Recipe
from studio.generation.request import Making


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A stored picture: where it lies, how it was made, and what the person thinks of it.

    Attributes:
        id: stays the same for ever, also when the database is built anew from the files.
        path: of the picture file, absolute.
        width, height: in pixels.
        digest: `Picture.digest` of its pixels.
        recipe: how it was made.
        starred: whether the person marked it.
        trashed: whether it lies in the trash, from which it can be restored.
    """

    id: str
    path: Path
    width: int
    height: int
    digest: str
    recipe: Recipe
    starred: bool = False
    trashed: bool = False

    @property
    def extent(self) -> Extent:
        """Width and height in pixels."""
        return Extent(self.width, self.height)

    @property
    def created(self) -> datetime:
        """When it was made, with a time zone."""
        return self.recipe.created

    @property
    def request(self) -> Making:
        """What was asked for."""
        return self.recipe.request

    @property
    def prompt(self) -> str:
        """The words that it was made from."""
        return self.recipe.request.prompt

    @property
    def seed(self) -> int:
        """Its own seed."""
        return self.recipe.seed

    @property
    def index(self) -> int:
        """Which of its request's candidates it is, counted from 0."""
        return self.recipe.index

    @property
    def score(self) -> float | None:
        """CLIP's cosine similarity with the prompt, where it was asked for."""
        return self.recipe.score

    @property
    def seconds(self) -> float:
        """What it took to make."""
        return self.recipe.seconds

    @property
    def model(self) -> str:
        """The catalog's id of its model."""
        return self.recipe.model

    @property
    def model_digest(self) -> str:
        """Names the model's weights by content; empty where that is not known."""
        return self.recipe.model_digest

    @property
    def parents(self) -> tuple[str, ...]:
        """Ids of the entries that it was made from, where they are known."""
        return self.recipe.parents

    @property
    def job_id(self) -> str:
        """Of the job that made it; candidates of one job share it."""
        return self.recipe.job_id

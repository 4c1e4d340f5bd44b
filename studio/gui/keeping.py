"""Puts each result into the gallery, as the person sees it."""

from __future__ import annotations

from studio.core.errors import BugError
from studio.core.geometry import Point
from studio.core.picture import Picture
from studio.engine.protocol import Candidate
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.generation.edits import apply_patch
from studio.generation.request import Inpaint, Making, Ranking
from studio.gui.engine_thread import Order


class GalleryKeeper:
    """What the engine's thread calls with each result and at the end of each job.

    A patch is kept laid over what it was made for, because alone it shows nothing anybody would
    look for.
    """

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery

    def store(self, order: Order, candidate: Candidate) -> Entry:
        """Stores a result.

        Raises:
            GalleryError: if it cannot be stored.
        """
        request = order.request
        if isinstance(request, Ranking):
            raise BugError("a ranking has no candidates")
        recipe = candidate.recipe(request, order.parents)
        return self._gallery.add(
            _whole(order, request, candidate), recipe, order.attachments.values()
        )

    def complete(self, order: Order, model_digest: str) -> None:
        """Notes which weights made a job's results.

        Raises:
            GalleryError: if the gallery refuses it.
        """
        self._gallery.complete(order.job_id, model_digest)


def _whole(order: Order, request: Making, candidate: Candidate) -> Picture:
    if not isinstance(request, Inpaint):
        return candidate.picture
    return apply_patch(order.attachments[request.source], candidate.picture, Point(0, 0))

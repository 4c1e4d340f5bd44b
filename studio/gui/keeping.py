"""Puts each result into the gallery, as the person sees it."""

from __future__ import annotations

from studio.core.errors import BugError
from studio.core.geometry import Point
from studio.core.picture import Picture
from studio.engine.protocol import Candidate
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.generation.edits import apply_patch
from studio.generation.recipe import Recipe
from studio.generation.request import Inpaint, Ranking
from studio.gui.engine_thread import Order, Store


def keep_in(gallery: Gallery) -> Store:
    """What the engine's thread calls with each result.

    A patch is kept laid over what it was made for, because alone it shows nothing anybody would
    look for.
    """

    def store(order: Order, candidate: Candidate) -> Entry:
        request = order.request
        if isinstance(request, Ranking):
            raise BugError("a ranking has no candidates")
        sources = list(order.attachments.values())
        known = gallery.ids_of(dict.fromkeys(source.digest for source in sources))
        recipe = Recipe(
            request=request,
            index=candidate.index,
            score=candidate.score,
            seconds=candidate.seconds,
            job_id=order.job_id,
            parents=tuple(dict.fromkeys((*order.parents, *known))),
        )
        return gallery.add(_whole(order, candidate), recipe, sources)

    return store


def _whole(order: Order, candidate: Candidate) -> Picture:
    request = order.request
    if not isinstance(request, Inpaint):
        return candidate.picture
    return apply_patch(order.attachments[request.source], candidate.picture, Point(0, 0))

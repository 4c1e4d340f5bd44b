"""The pictures that guide a request: followed in their shapes, or taken up in their content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.estimators import AIDES
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.preprocessors import PREPROCESSORS
from studio.engine.diffusion.prompts.pictures import covering, on_white
from studio.engine.protocol import Phase
from studio.generation.catalog import AdapterInfo
from studio.generation.request import Attachments, Generation

Estimate: TypeAlias = Callable[[AdapterInfo, Pixels, AdapterInfo | None], Pixels]
"""From an installed estimator, a picture, and perhaps an estimator that helps it, to what it sees,
of the same extent."""


class Guides:
    """Finds what guides requests.

    Args:
        desk: takes notes of what is not made here.
        attachments: the request's pictures.
        adapters: those that look at the request's controls and references, by their ids.
        estimators: by the preprocessors that they stand for, installed or not.
        estimate: asks an estimator; needed where one is installed.
    """

    def __init__(
        self,
        desk: Desk,
        attachments: Attachments,
        adapters: Mapping[str, AdapterInfo] | None = None,
        estimators: Mapping[str, AdapterInfo] | None = None,
        estimate: Estimate | None = None,
    ) -> None:
        self._desk = desk
        self._attachments = attachments
        self._adapters = adapters or {}
        self._estimators = estimators or {}
        self._estimate = estimate

    def controls(self, request: Generation, fit: Callable[[Pixels], Pixels]) -> Iterator[Guiding]:
        """The pictures whose shapes are followed, where the model sees what it paints.

        Args:
            request: names them.
            fit: brings a picture of the request's extent to where the model sees it.
        """
        for each in request.controls:
            pixels = covering(on_white(self._attachments[each.picture]), request.extent)
            adapter, span = self._adapters[each.adapter], (each.begin, each.end)
            seen, preprocessor = fit(pixels), each.preprocessor
            if preprocessor and preprocessor not in PREPROCESSORS:
                seen, preprocessor = self._estimated(seen, preprocessor, adapter), ""
            kind = each.kind or each.preprocessor
            yield Guiding(adapter, seen, each.weight, *span, preprocessor, kind)

    def references(self, request: Generation) -> Iterator[Guiding]:
        """The pictures that an adapter looks at."""
        for each in request.references:
            if each.adapter:
                pixels = on_white(self._attachments[each.picture])
                adapter, span = self._adapters[each.adapter], (each.begin, each.end)
                yield Guiding(adapter, pixels, each.weight, *span)

    def _estimated(self, pixels: Pixels, preprocessor: str, adapter: AdapterInfo) -> Pixels:
        """What only a model can see in a picture; where none is installed, the picture itself."""
        estimator = self._estimators.get(preprocessor)
        if estimator is not None and estimator.installed and self._estimate is not None:
            self._desk.phase(Phase.PREPARING)
            return self._estimate(estimator, pixels, self._aide(preprocessor))
        note = (
            f"{adapter.title} reads a {preprocessor} picture, which is not made here: your "
            "picture is taken to be one already."
        )
        if estimator is not None:
            note += f" To have it made, {_installing(estimator)}"
        self._desk.note(note)
        return pixels

    def _aide(self, preprocessor: str) -> AdapterInfo | None:
        """The estimator that helps the one of a preprocessor; None where it is not installed."""
        aide = self._estimators.get(AIDES.get(preprocessor, ""))
        if aide is None or aide.installed:
            return aide
        self._desk.note(
            f"Your picture is taken to show one person. To have several told apart, "
            f"{_installing(aide)}"
        )
        return None


def _installing(adapter: AdapterInfo) -> str:
    return f"install {adapter.title} with sfumato models install {adapter.id}."

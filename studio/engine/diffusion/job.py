"""One request's work with a loaded model, which may have to be begun again."""

from __future__ import annotations

from dataclasses import replace

from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.outfit import Outfit
from studio.engine.diffusion.guides import Guides
from studio.engine.diffusion.painter import Painter
from studio.engine.diffusion.shelf import Loaded
from studio.engine.diffusion.upscalers.upscaler import Upscaler
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.memory import SMALLER, Rung
from studio.generation.request import Attachments, Generation, Ranking, Variation


class Job:
    """A request's work, which goes on behind the candidates that are sent when it is run again.

    Args:
        request: what is asked for.
        attachments: its pictures.
        outfit: its adapters.
        desk: takes events.
        upscaler: the one that the request names instead of the model's own.
    """

    def __init__(
        self,
        request: Generation | Ranking,
        attachments: Attachments,
        outfit: Outfit,
        desk: Desk,
        upscaler: Upscaler | None = None,
    ) -> None:
        self._request = request
        self._attachments = attachments
        self._outfit = outfit
        self._desk = desk
        self._upscaler = upscaler
        self._sent = 0
        self.together = 0
        """How many candidates were being denoised when it failed."""

    @property
    def beside(self) -> tuple[AdapterInfo, ...]:
        """What takes memory beside the model."""
        return self._outfit.beside

    def run(self, loaded: Loaded) -> None:
        """Sends what is still to be sent.

        Raises:
            KnownError: if the model or its adapters cannot do what is asked for.
            Unsound: if the model gives no picture in this precision.
        """
        painter = self._painter(loaded)
        self._dress(loaded)
        if isinstance(self._request, Ranking):
            painter.rank(self._request)
            return
        if not isinstance(self._request, Variation):
            _note_unread_words(self._request, loaded, self._desk)
        try:
            painter.paint(self._request, self._sent)
        finally:
            self._sent, self.together = painter.sent, painter.together

    def _painter(self, loaded: Loaded) -> Painter:
        model, outfit = loaded.model, self._outfit
        guides = Guides(
            self._desk, self._attachments, outfit.guides, outfit.estimators, loaded.estimators.see
        )
        return Painter(
            _paints_smaller(model) if loaded.plan.rung is Rung.SMALLER else model,
            loaded.family,
            self._desk,
            self._attachments,
            self._upscaler or loaded.upscaler,
            guides,
            together=loaded.plan.together,
        )

    def _dress(self, loaded: Loaded) -> None:
        """Puts the LoRAs on, and teaches the words."""
        loaded.family.wear(self._outfit.loras)
        for word in loaded.family.learn(self._outfit.words):
            self._desk.note(f"{loaded.model.title} cannot know {word.title}: it is read as words.")


def _paints_smaller(model: ModelInfo) -> ModelInfo:
    cells = max(1, round(model.native_size * SMALLER / model.grid))
    return replace(model, native_size=cells * model.grid)


def _note_unread_words(request: Generation, loaded: Loaded, desk: Desk) -> None:
    """Tells which words do nothing: those too many, and all where the model knows none."""
    for name, text in (
        ("prompt", request.prompt),
        ("negative prompt", request.negative_prompt),
    ):
        unread = loaded.family.unread(text).split()
        if unread:
            count = "word is" if len(unread) == 1 else f"{len(unread)} words are"
            desk.note(
                f"The {name} is too long for {loaded.model.title}: its last {count} "
                f"not read, from “{unread[0][:40]}” on."
            )
    known, prompt = loaded.vocabulary, request.prompt
    if known is not None and prompt.strip() and not known.knows_any(prompt):
        example = f", such as “{known.prompts[0]}”" if known.prompts else ""
        desk.note(
            f"{loaded.model.title} knows few words, and none of these: use some of its own"
            f"{example}, or install a model for everything else."
        )

"""The conversation panel, put together with what it shows and who acts for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMainWindow

from studio.core.document import DocumentSnapshot
from studio.core.picture import Picture
from studio.generation.catalog import Catalog, ModelInfo
from studio.gui.docks.conversation import ConversationPanel
from studio.gui.images import to_image
from studio.gui.layout import Layout
from studio.gui.models.conversation import Conversation
from studio.gui.studio import Studio
from studio.gui.widgets.dock import Dock
from studio.gui.widgets.toasts import Tone

NAME = "conversation"
_TASK = "edit"


def show_conversation(
    studio: Studio, places: Layout, window: QMainWindow, find_model: Callable[[str], None]
) -> None:
    """Opens the panel beside the layers, or brings it forward; at first it takes what is framed.

    Args:
        studio: acts for it.
        places: where it stands.
        window: that has it.
        find_model: shows the model of an id where models are installed.
    """
    panel = window.findChild(ConversationPanel)
    if panel is None:
        panel = _opened(studio, places)
        panel.models_requested.connect(lambda: find_model(_follower(studio.catalog)))
    places.bring_forward(NAME)
    panel.setFocus()


def editor_of(studio: Studio) -> ModelInfo | None:
    """The chosen model where it follows instructions, else the first installed one that does."""
    models = [studio.situation.model, *studio.catalog.models]
    return next((each for each in models if each.installed and _TASK in each.tasks), None)


def _follower(catalog: Catalog) -> str:
    """The id of the first model that follows instructions, installed or not."""
    return next((model.id for model in catalog.models if _TASK in model.tasks), "")


def _opened(studio: Studio, places: Layout) -> ConversationPanel:
    conversation = Conversation()
    panel = ConversationPanel(conversation)
    conversation.setParent(panel)

    def show_model() -> None:
        model = editor_of(studio)
        panel.show_model(model.title if model else "")

    def change(instruction: str) -> None:
        model, turn = editor_of(studio), conversation.chosen
        if model is not None and turn is not None:
            asked = conversation.ask(instruction)
            studio.generation.change(turn.picture, instruction, model, asked, turn.parents)

    panel.change_requested.connect(change)
    panel.begin_requested.connect(lambda: _begin(studio, conversation, explain=True))
    panel.use_requested.connect(studio.gallery_actions.use_candidate)
    panel.closed.connect(lambda: places.toggle(NAME))
    studio.catalog_changed.connect(show_model)
    studio.workspace.prompt_changed.connect(show_model)
    show_model()
    places.add(NAME, Dock(NAME, "Talk", panel, titled=False))
    _begin(studio, conversation, explain=False)
    return panel


def _begin(studio: Studio, conversation: Conversation, *, explain: bool) -> None:
    """Takes what is framed; where that is nothing, explains it if asked to."""
    snapshot = studio.workspace.document.snapshot()

    def take(framed: tuple[Picture, QImage] | None) -> None:
        if framed is not None:
            conversation.start(*framed)
        elif explain:
            words = "The frame is empty: move it over the picture, or make one first."
            studio.generation.message.emit(words, Tone.WARNING, "")

    studio.background.run(lambda: _framed(snapshot), take, _fail)


def _framed(snapshot: DocumentSnapshot) -> tuple[Picture, QImage] | None:
    """The picture in the frame, also as Qt draws it; None where nothing is there."""
    picture = snapshot.flatten(snapshot.frame)
    return (picture, to_image(picture)) if picture.rgba()[..., 3].any() else None


def _fail(error: Exception) -> None:
    raise error

from __future__ import annotations

import msgspec
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.generation.task import Task
from studio.gui.studio import Studio
from tests.helpers.masks import mask_frame


def ask(studio: Studio, **changes: object) -> None:
    studio.workspace.set_prompt(msgspec.structs.replace(studio.workspace.prompt, **changes))


def test_it_looks_again_after_the_picture_has_changed(qtbot: QtBot, studio: Studio) -> None:
    situation = studio.situation
    qtbot.waitUntil(lambda: situation.choice is not None)
    ask(studio, prompt="a red ball")
    assert situation.choice is not None
    assert situation.choice.task is Task.TEXT_TO_IMAGE
    mask_frame(studio.workspace.document, studio.workspace.stack)
    qtbot.waitUntil(lambda: situation.choice.task is Task.INPAINT)  # type: ignore[union-attr]
    studio.editing.undo()
    qtbot.waitUntil(
        lambda: situation.choice.task is Task.TEXT_TO_IMAGE  # type: ignore[union-attr]
    )


def test_it_follows_another_document(qtbot: QtBot, studio: Studio) -> None:
    situation = studio.situation
    studio.workspace.replace_document(Document(Bounds(0, 0, 320, 200)))
    qtbot.waitUntil(
        lambda: situation.choice is not None and situation.choice.area == Bounds(0, 0, 320, 200)
    )


def test_what_the_person_insists_on_ends_with_the_document(qtbot: QtBot, studio: Studio) -> None:
    studio.situation.set_override(Task.IMAGE_TO_IMAGE)
    assert studio.situation.override is Task.IMAGE_TO_IMAGE
    studio.workspace.replace_document(Document(Bounds(0, 0, 320, 200)))
    assert studio.situation.override is None


def test_a_model_that_is_not_known_any_more_gives_way_to_the_default(studio: Studio) -> None:
    ask(studio, model="gone-since")
    assert studio.situation.model.id == studio.catalog.default.id


def test_a_frame_too_large_is_said(qtbot: QtBot, studio: Studio) -> None:
    studio.workspace.replace_document(Document(Bounds(0, 0, 9000, 20)))
    qtbot.waitUntil(
        lambda: (
            studio.situation.choice is not None
            and studio.situation.choice.sentence.startswith("The frame is 9000x20")
        )
    )

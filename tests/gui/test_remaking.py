"""Layers that a model made, made anew."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer, SetLayerProperty
from studio.core.commands.selection import SetSelection, Target
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer, RasterLayer
from studio.core.selection import rectangle
from studio.generation.request import Inpaint, Ranking, TextToImage, Variation, from_json
from studio.gui.docks.gallery import GalleryPanel
from studio.gui.main_window import MainWindow
from studio.gui.studio import Studio
from studio.gui.workspace import ToolId
from tests.helpers.pictures import smooth
from tests.helpers.scripted_engine import ScriptedEngine

CANVAS = Bounds(0, 0, 128, 128)
MASKED = Bounds(32, 32, 64, 64)


@pytest.fixture(autouse=True)
def small(window: MainWindow, studio: Studio) -> None:
    """A small canvas, and one candidate at a time."""
    studio.workspace.replace_document(Document(CANVAS))
    settings = msgspec.structs.replace(studio.workspace.prompt, prompt="a red ball", count=1)
    studio.workspace.set_prompt(settings)


def make(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    """Generates, and keeps the result."""
    qtbot.waitUntil(lambda: window.registry["generate.start"].isEnabled())
    window.registry.run("generate.start")
    keep(qtbot, studio)


def keep(qtbot: QtBot, studio: Studio) -> None:
    qtbot.waitUntil(lambda: len(studio.workspace.staging.candidates) == 1)
    qtbot.waitUntil(lambda: not studio.generation.is_busy)
    done = studio.workspace.stack.index
    studio.generation.keep()
    qtbot.waitUntil(lambda: studio.workspace.stack.index > done)


def the_layer(studio: Studio) -> GeneratedLayer:
    layer = studio.workspace.document.active
    assert isinstance(layer, GeneratedLayer)
    return layer


def fill_a_hole(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    """Paints over a part of a picture and has it made."""
    workspace = studio.workspace
    workspace.stack.push(AddLayer(RasterLayer.from_picture("paper", smooth(128, 128))))
    workspace.stack.push(SetSelection(rectangle(MASKED), "Mask", Target.MASK))
    qtbot.waitUntil(lambda: studio.situation.choice is not None)
    qtbot.waitUntil(lambda: "masked" in getattr(studio.situation.choice, "sentence", ""))
    make(qtbot, window, studio)


def test_a_rerolled_layer_takes_the_place_and_the_look_of_the_one_before(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    make(qtbot, window, studio)
    before = the_layer(studio)
    studio.workspace.stack.push(AddLayer(RasterLayer("above")))
    studio.workspace.stack.push(SetLayerProperty(before, "opacity", 0.5))
    studio.workspace.document.active = before
    window.registry.run("layer.reroll")
    keep(qtbot, studio)
    layers = studio.workspace.document.layers
    assert [layer.name for layer in layers] == [before.name, "above"]
    after = the_layer(studio)
    assert layers[0] is after and after is not before
    assert after.opacity == 0.5
    first, second = from_json(before.recipe), from_json(after.recipe)
    assert isinstance(first, TextToImage) and isinstance(second, TextToImage)
    assert first.seed != second.seed
    assert msgspec.structs.replace(second, seed=first.seed) == first
    studio.workspace.stack.undo()
    assert layers[0] is before


def test_an_edited_prompt_makes_the_layer_anew_until_it_is_let_go(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    make(qtbot, window, studio)
    workspace, before = studio.workspace, the_layer(studio)
    workspace.set_prompt(msgspec.structs.replace(workspace.prompt, prompt="something else"))
    window.registry.run("layer.edit_prompt")
    assert workspace.prompt.prompt == "a red ball"
    assert window.registry["layer.edit_prompt"].isChecked()
    qtbot.waitUntil(lambda: "in place of" in getattr(studio.situation.choice, "sentence", ""))
    workspace.set_prompt(msgspec.structs.replace(workspace.prompt, prompt="a blue ball"))
    make(qtbot, window, studio)
    assert [layer.name for layer in workspace.document.layers] == ["a blue ball"]
    assert the_layer(studio).area == before.area
    assert workspace.current.remaking is None
    window.registry.run("layer.edit_prompt")
    window.registry.run("layer.edit_prompt")
    assert workspace.current.remaking is None


def test_a_filled_hole_remembers_its_mask_and_is_rerolled_within_it(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    fill_a_hole(qtbot, window, studio)
    before = the_layer(studio)
    assert before.request_mask is not None
    assert before.request_mask.used_bounds() == MASKED
    assert studio.workspace.document.mask.is_empty
    window.registry.run("layer.reroll")
    keep(qtbot, studio)
    after = the_layer(studio)
    assert isinstance(from_json(after.recipe), Inpaint)
    assert MASKED.contains(after.surface.used_bounds())
    assert after.request_mask is not None
    assert after.request_mask.used_bounds() == MASKED


def test_its_mask_is_brought_back_to_be_repainted(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    fill_a_hole(qtbot, window, studio)
    workspace, before = studio.workspace, the_layer(studio)
    window.registry.run("layer.repaint_mask")
    assert workspace.document.mask.used_bounds() == MASKED
    assert workspace.tool_id is ToolId.MASK
    assert workspace.current.remaking is before
    smaller = Bounds(40, 40, 30, 30)
    workspace.stack.push(SetSelection(rectangle(smaller), "Mask", Target.MASK))
    make(qtbot, window, studio)
    assert len(workspace.document.layers) == 2
    after = the_layer(studio)
    assert after.request_mask is not None
    assert after.request_mask.used_bounds() == smaller


def test_a_picture_from_words_is_masked_where_it_lies(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    make(qtbot, window, studio)
    window.registry.run("layer.repaint_mask")
    qtbot.waitUntil(lambda: not studio.workspace.document.mask.is_empty)
    assert studio.workspace.document.mask.used_bounds() == CANVAS


def test_its_picture_is_searched_for_in_the_gallery(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    make(qtbot, window, studio)
    window.registry.run("layer.show_in_gallery")
    assert window.places.shows_gallery()
    assert studio.gallery.query == "a red ball"
    qtbot.waitUntil(lambda: studio.gallery.rowCount() == 1)
    panel = window.findChildren(GalleryPanel)[0]
    qtbot.waitUntil(lambda: len(panel.selected) == 1)
    request = from_json(the_layer(studio).recipe)
    assert not isinstance(request, Ranking)
    assert panel.selected[0].seed == request.seed


def vary_a_picture(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    """Makes a variation of a picture in the grid, and lays it on the canvas."""
    studio.workspace.stack.push(AddLayer(RasterLayer.from_picture("paper", smooth(128, 128))))
    studio.generation.vary_picture()
    qtbot.waitUntil(lambda: studio.variations.rowCount() == 1)
    qtbot.waitUntil(lambda: not studio.generation.is_busy)
    (entry,) = studio.gallery_actions._gallery.entries()
    studio.gallery_actions.open(entry)
    qtbot.waitUntil(lambda: isinstance(studio.workspace.document.active, GeneratedLayer))


def test_a_variation_is_made_anew_from_the_picture_that_it_varies(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    vary_a_picture(qtbot, window, studio)
    before = the_layer(studio)
    window.registry.run("layer.reroll")
    keep(qtbot, studio)
    after = the_layer(studio)
    assert after is not before and after.area == before.area
    assert [layer.name for layer in studio.workspace.document.layers] == ["paper", before.name]
    first, second = from_json(before.recipe), from_json(after.recipe)
    assert isinstance(first, Variation) and isinstance(second, Variation)
    assert second.source == first.source and second.seed != first.seed
    assert first.source in next(reversed(engine.attachments.values()))


def test_a_variation_whose_picture_is_gone_is_told(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    vary_a_picture(qtbot, window, studio)
    request = from_json(the_layer(studio).recipe)
    assert isinstance(request, Variation)
    studio.gallery_actions._gallery.input_path(request.source).unlink()
    said: list[str] = []
    studio.generation.message.connect(lambda words, tone, details: said.append(words))
    studio.remaking.reroll()
    qtbot.waitUntil(lambda: bool(said))
    assert "not in the gallery any more" in said[0]


def test_a_layer_whose_recipe_is_none_is_told(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    said: list[str] = []
    studio.remaking.message.connect(lambda words, tone, details: said.append(words))
    broken = GeneratedLayer("old", recipe=b"{}", area=CANVAS)
    studio.workspace.stack.push(AddLayer(broken))
    for call in (studio.remaking.reroll, studio.remaking.edit_prompt):
        call()
    assert len(said) == 2
    assert studio.workspace.current.remaking is None


def test_without_a_generated_layer_nothing_is_offered(window: MainWindow, studio: Studio) -> None:
    studio.workspace.stack.push(AddLayer(RasterLayer("paper")))
    window.registry.refresh()
    for name in ("reroll", "edit_prompt", "repaint_mask", "show_in_gallery"):
        assert not window.registry[f"layer.{name}"].isEnabled()
    studio.remaking.reroll()
    assert not studio.generation.is_busy


def test_a_result_goes_to_the_document_that_it_was_asked_for(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    workspace = studio.workspace
    qtbot.waitUntil(lambda: window.registry["generate.start"].isEnabled())
    window.registry.run("generate.start")
    asked = workspace.current
    window.registry.run("file.new")
    assert workspace.current is not asked
    qtbot.waitUntil(lambda: not studio.generation.is_busy)
    assert not workspace.staging.is_active
    assert not workspace.document.layers
    window.registry.run("window.next_tab")
    assert workspace.current is asked
    studio.generation.keep()
    window.registry.run("window.next_tab")
    qtbot.waitUntil(lambda: len(asked.document.layers) == 1)
    assert not workspace.document.layers

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPersistentModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.gallery.store import Gallery
from studio.gui.background import Background
from studio.gui.docks.gallery import EntryView, GalleryPanel
from studio.gui.models.gallery import EntryAction, EntryRole, GalleryModel
from studio.gui.theme import DARK, style_sheet
from tests.helpers.pictures import noise, recipe


@pytest.fixture
def model(qtbot: QtBot, gallery: Gallery) -> Iterator[GalleryModel]:
    background = Background()
    for number, prompt in enumerate(("a red ball", "a blue boat", "a red house")):
        gallery.add(noise(32, 32, seed=number), recipe(prompt, score=0.25))
    yield GalleryModel(gallery, background)
    background.close()


@pytest.fixture(params=[False, True], ids=["strip", "page"])
def panel(qtbot: QtBot, model: GalleryModel, request: pytest.FixtureRequest) -> GalleryPanel:
    panel = GalleryPanel(model, is_page=request.param)
    qtbot.addWidget(panel)
    panel.resize(700, 180)
    panel.show()
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    return panel


def view(panel: GalleryPanel) -> EntryView:
    found = panel.findChild(EntryView)
    assert isinstance(found, EntryView)
    return found


def test_entries_are_drawn_with_their_pictures(
    qtbot: QtBot, panel: GalleryPanel, model: GalleryModel
) -> None:
    first, entries = model.index(0), view(panel)
    qtbot.waitUntil(lambda: first.data(EntryRole.THUMBNAIL) is not None)
    cell = entries.visualRect(first)
    drawn = entries.viewport().grab(cell.adjusted(12, 12, -12, -12)).toImage()
    rows, columns = range(drawn.height()), range(drawn.width())
    # The gallery's pictures are noise; an empty place has one colour.
    assert len({drawn.pixel(x, y) for x in columns for y in rows}) > 100


def test_typing_searches(qtbot: QtBot, panel: GalleryPanel, model: GalleryModel) -> None:
    (field,) = panel.findChildren(QLineEdit)
    QTest.keyClicks(field, "red")
    qtbot.waitUntil(lambda: model.query == "red" and model.rowCount() == 2)
    field.clear()
    qtbot.waitUntil(lambda: model.rowCount() == 3)


def test_nothing_found_is_said(qtbot: QtBot, panel: GalleryPanel, model: GalleryModel) -> None:
    model.search("unicorn")
    qtbot.waitUntil(lambda: not view(panel).isVisible())


@pytest.mark.parametrize(
    ("key", "choice"),
    [(Qt.Key.Key_Return, EntryAction.OPEN), (Qt.Key.Key_Delete, EntryAction.TRASH)],
)
def test_keys_act_on_the_chosen_entry(
    qtbot: QtBot, panel: GalleryPanel, key: Qt.Key, choice: EntryAction
) -> None:
    entries = view(panel)
    entries.setCurrentIndex(entries.model().index(1, 0))
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.keyClick(entries, key)
    assert chosen.args is not None
    assert chosen.args[0] is choice
    assert [entry.prompt for entry in chosen.args[1]] == ["a blue boat"]


def test_the_menu_offers_everything_for_all_that_are_chosen(
    qtbot: QtBot, panel: GalleryPanel
) -> None:
    entries = view(panel)
    entries.selectAll()
    actions = entries.menu().actions()
    assert [action.text() for action in actions] == [c.value[0] for c in EntryAction]
    with qtbot.waitSignal(panel.chosen) as chosen:
        actions[-1].trigger()
    assert chosen.args is not None
    assert len(chosen.args[1]) == 3


def test_two_panels_search_together(qtbot: QtBot, panel: GalleryPanel, model: GalleryModel) -> None:
    other = GalleryPanel(model)
    qtbot.addWidget(other)
    model.search("boat")
    for each in (panel, other):
        (field,) = each.findChildren(QLineEdit)
        assert field.text() == "boat"


def test_who_looks_at_older_entries_goes_on_seeing_them_when_new_ones_come(
    qtbot: QtBot, panel: GalleryPanel, model: GalleryModel, gallery: Gallery
) -> None:
    for number in range(40):
        gallery.add(noise(8, 8, seed=number), recipe())
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 43)
    entries = view(panel)
    chosen = QPersistentModelIndex(model.index(30))
    entries.setCurrentIndex(model.index(30))
    entries.scrollTo(model.index(30), EntryView.ScrollHint.PositionAtTop)
    first = QPersistentModelIndex(entries.indexAt(QPoint(20, 20)))
    corner = entries.visualRect(first).topLeft()
    for number in range(7):
        gallery.add(noise(8, 8, seed=number), recipe("another"))
    model.refresh()
    qtbot.waitUntil(lambda: model.rowCount() == 50)
    entries.doItemsLayout()
    moved = entries.visualRect(first).topLeft() - corner
    assert (moved.y() if entries.isWrapping() else moved.x()) == 0
    assert entries.currentIndex() == chosen
    assert chosen.row() == 37


@pytest.mark.parametrize("sheet", ["", style_sheet(DARK)], ids=["plain", "themed"])
def test_pictures_of_a_strip_stay_as_large_when_a_scroll_bar_comes(
    qtbot: QtBot, model: GalleryModel, sheet: str
) -> None:
    panel = GalleryPanel(model)
    qtbot.addWidget(panel)
    panel.setStyleSheet(sheet)
    panel.resize(700, 180)
    panel.show()
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    first, entries = model.index(0), view(panel)
    qtbot.waitUntil(lambda: first.data(EntryRole.THUMBNAIL) is not None)
    assert not entries.horizontalScrollBar().isVisible()
    whole = entries.viewport().grab(entries.visualRect(first)).toImage()
    panel.resize(300, 180)
    qtbot.waitUntil(entries.horizontalScrollBar().isVisible)
    cell = entries.visualRect(first)
    assert entries.viewport().grab(cell).toImage() == whole.copy(cell)


def test_who_looks_at_the_newest_sees_those_that_come(
    qtbot: QtBot, panel: GalleryPanel, model: GalleryModel, gallery: Gallery
) -> None:
    for number in range(40):
        gallery.add(noise(8, 8, seed=number), recipe())
    model.refresh()
    qtbot.waitUntil(lambda: model.rowCount() == 43)
    entries = view(panel)
    entries.doItemsLayout()
    assert entries.indexAt(QPoint(20, 20)).row() == 0

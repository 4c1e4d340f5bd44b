from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.geometry import Extent
from studio.generation.request import MAX_SEED
from studio.gui.widgets.fields import Fold, OptionalNumber, Scrolled, SliderField, field_row, rows
from studio.gui.widgets.seed_field import SeedField
from studio.gui.widgets.size_picker import SIZES, SizePicker
from tests.helpers.wheel import turn_wheel


def test_slider_and_number_go_together(qtbot: QtBot) -> None:
    field = SliderField("Strength", 0, 1, decimals=2)
    qtbot.addWidget(field)
    (slider,) = field.findChildren(QSlider)
    (number,) = field.findChildren(QDoubleSpinBox)
    with qtbot.waitSignal(field.changed) as changed:
        slider.setValue(25)
    assert changed.args == [0.25]
    assert number.value() == 0.25
    number.setValue(0.5)
    assert slider.value() == 50


def test_showing_a_value_tells_nobody(qtbot: QtBot) -> None:
    field = SliderField("Strength", 0, 1, decimals=2)
    qtbot.addWidget(field)
    with qtbot.assertNotEmitted(field.changed):
        field.set_value(0.75)
    assert field.value == 0.75


def test_the_lowest_place_of_an_optional_number_is_none(qtbot: QtBot) -> None:
    field = OptionalNumber(1, 500)
    qtbot.addWidget(field)
    assert field.number is None
    with qtbot.waitSignal(field.chosen) as chosen:
        field.setValue(20)
    assert chosen.args == [20]
    with qtbot.waitSignal(field.chosen) as chosen:
        field.setValue(field.minimum())
    assert chosen.args == [None]


def test_a_row_names_its_field(qtbot: QtBot) -> None:
    field = QLineEdit()
    row = field_row("Model", field)
    qtbot.addWidget(row)
    assert field.accessibleName() == "Model"
    assert [label.buddy() for label in row.findChildren(QLabel)] == [field]


def test_a_fold_opens_and_closes(qtbot: QtBot) -> None:
    fold = Fold("More")
    content = QLabel("hidden at first")
    fold.rows.addWidget(content)
    qtbot.addWidget(fold)
    fold.show()
    assert not content.isVisible()
    (heading,) = fold.findChildren(QToolButton)
    heading.click()
    assert fold.is_open
    assert content.isVisible()
    heading.click()
    assert not content.isVisible()


def test_a_usual_size_is_shown_as_such_and_another_one_in_numbers(qtbot: QtBot) -> None:
    picker = SizePicker()
    qtbot.addWidget(picker)
    for extent in (*SIZES, Extent(333, 77)):
        picker.show_extent(extent)
        assert picker.extent == extent


def test_choosing_from_the_list_tells_the_size(qtbot: QtBot) -> None:
    picker = SizePicker()
    qtbot.addWidget(picker)
    with qtbot.waitSignal(picker.chosen) as chosen:
        picker._list.activated.emit(3)
    assert chosen.args == [Extent(1792, 1024)]


def test_typing_a_size_tells_it(qtbot: QtBot) -> None:
    picker = SizePicker()
    qtbot.addWidget(picker)
    picker._list.activated.emit(len(SIZES))
    with qtbot.waitSignal(picker.chosen) as chosen:
        picker._width.setValue(640)
    assert chosen.args == [Extent(640, 256)]


def test_typing_a_seed_locks_it(qtbot: QtBot) -> None:
    field = SeedField()
    qtbot.addWidget(field)
    field.show_seed(5, False)
    number = field._number
    number.setText("")
    QTest.keyClicks(number, "77")
    with qtbot.waitSignal(field.changed) as changed:
        number.editingFinished.emit()
    assert changed.args == [77, True]


def test_the_die_throws_a_seed_and_keeps_it(qtbot: QtBot) -> None:
    field = SeedField()
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.changed) as changed:
        field._dice.click()
    assert changed.args is not None
    seed, locked = changed.args
    assert 0 <= seed <= MAX_SEED
    assert locked


def test_the_largest_seed_can_be_typed_and_no_larger_one(qtbot: QtBot) -> None:
    field = SeedField()
    qtbot.addWidget(field)
    field._number.setText("")
    QTest.keyClicks(field._number, str(MAX_SEED))
    assert field.seed == MAX_SEED
    QTest.keyClicks(field._number, "0")
    assert field.seed == MAX_SEED


class TestScrolled:
    @pytest.fixture
    def area(self, qtbot: QtBot) -> Scrolled:
        """A field at the top of much more than fits."""
        page, box = QWidget(), QComboBox()
        box.addItems(["one", "two", "three"])
        layout = rows(page)
        for widget in (box, QLabel("below\n" * 40)):
            layout.addWidget(widget)
        area = Scrolled(page)
        qtbot.addWidget(area)
        area.resize(160, 120)
        area.show()
        qtbot.waitExposed(area)
        return area

    def test_the_wheel_scrolls(self, area: Scrolled) -> None:
        turn_wheel(area.viewport())
        assert area.verticalScrollBar().value() > 0

    def test_the_wheel_changes_no_field_on_its_way(self, area: Scrolled) -> None:
        box = area.findChildren(QComboBox)[0]
        box.clearFocus()
        assert not turn_wheel(box)
        assert box.currentText() == "one"

    def test_the_field_that_has_the_keyboard_takes_the_wheel(
        self, area: Scrolled, qtbot: QtBot
    ) -> None:
        area.activateWindow()
        box = area.findChildren(QComboBox)[0]
        box.setFocus()
        qtbot.waitUntil(box.hasFocus)
        assert turn_wheel(box)
        assert box.currentText() == "two"

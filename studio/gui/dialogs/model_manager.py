"""The window in which models and adapters are found, installed, checked and removed."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import KnownError
from studio.engine.protocol import EngineStatus
from studio.generation.catalog import Catalog
from studio.generation.memory import Budget
from studio.gui.canvas.file_drop import FileDrop
from studio.gui.installations import Installations
from studio.gui.models.catalogue import (
    ITEM_ROLE,
    CatalogueFilter,
    CatalogueModel,
    Item,
    Shown,
)
from studio.gui.theme import UNIT
from studio.gui.widgets.catalogue_row import CatalogueRow
from studio.gui.widgets.fields import ListKeys, muted
from studio.gui.widgets.model_details import ModelDetails, Standing
from studio.gui.widgets.toasts import Toasts, Tone

_SIZE = QSize(920, 620)
_NOTHING = "Nothing like that is listed. Files of your own can be dropped here."


class ModelManager(QDialog):
    """All models and adapters on the left, the chosen one on the right.

    Args:
        catalog: to be listed.
        installations: run the work.
        budget: the device's memory; None as long as nobody knows.

    Signals:
        import_requested(): files of this computer are to be imported.
        hub_requested(): the person wants to say where models come from.
        memory_requested(): the person wants to say how models are fitted into memory.
        use_requested(str): the next picture is to be made with the model of that id.
        files_dropped(list[Path]): files of this computer are to be imported.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    import_requested = Signal()
    hub_requested = Signal()
    memory_requested = Signal()
    use_requested = Signal(str)
    files_dropped = Signal(list)
    message = Signal(str, object, str)

    def __init__(
        self,
        catalog: Catalog,
        installations: Installations,
        budget: Budget | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - QSize(40, 60)))
        self._installations = installations
        self._budget = budget
        self._model = CatalogueModel(catalog, installations, self)
        self._filter = CatalogueFilter(self)
        self._filter.setSourceModel(self._model)
        self._filter.set_budget(budget)
        self._make_widgets()
        self._lay_out()
        self._connect()
        self._list.setCurrentIndex(self._filter.index(0, 0))
        self._search.setFocus()
        self._toasts = Toasts(self, self._tells)
        self._drop = QLabel("Drop it to import it", self)
        self._drop.setObjectName("drop")
        self._drop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop.hide()
        installations.look()

    @property
    def chosen(self) -> Item | None:
        """The model or adapter on the right."""
        item: Item | None = self._list.currentIndex().data(ITEM_ROLE)
        return item

    def show_catalog(self, catalog: Catalog) -> None:
        """Lists another catalog; what was chosen stays so, or gives way to what is in its place."""
        chosen, row = self.chosen, self._list.currentIndex().row()
        self._model.show_catalog(catalog)
        if chosen is None or not self._choose(chosen.id):
            there = max(0, min(row, self._filter.rowCount() - 1))
            self._list.setCurrentIndex(self._filter.index(there, 0))
        self._show_chosen()

    def show_status(self, status: EngineStatus) -> None:
        """Takes from the engine what memory there is to fit into."""
        if status.budget != self._budget:
            self._budget = status.budget
            self._filter.set_budget(status.budget)
            self._show_chosen()

    def choose(self, item_id: str) -> None:
        """Chooses the model or adapter of that id, and lists everything where it was left out."""
        if not self._choose(item_id):
            self._search.clear()
            self._shown.setCurrentIndex(0)
            self._choose(item_id)

    def _choose(self, item_id: str) -> bool:
        """Chooses what has that id; returns whether it is listed."""
        index = self._filter.mapFromSource(self._model.index(self._model.row_of(item_id)))
        self._list.setCurrentIndex(index)
        return index.isValid()

    def _make_widgets(self) -> None:
        self._search = QLineEdit(placeholderText="Search models", clearButtonEnabled=True)
        self._search.setAccessibleName("Search models")
        self._shown = QComboBox()
        self._shown.setAccessibleName("Which are listed")
        for shown in Shown:
            self._shown.addItem(shown.value, shown)
        self._list = QListView()
        self._list.setAccessibleName("Models and adapters")
        self._list.setModel(self._filter)
        self._list.setItemDelegate(CatalogueRow(self._list))
        self._list.setUniformItemSizes(True)
        ListKeys(self._search, self._list)
        self._nothing = muted(_NOTHING)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._nothing.setParent(self._list.viewport())
        self._details = ModelDetails()
        self._import = QPushButton("Import…")
        self._import.setToolTip("Use files of this computer where they are; or drop them here")
        self._hub = QPushButton("Hub…")
        self._hub.setToolTip("Say where models come from, and who you are there")
        self._memory = QPushButton("Memory and speed…")
        self._memory.setToolTip("See and say how models use memory, and what makes them faster")

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._search, self._shown):
            column.addWidget(widget)
        column.addWidget(self._list, 1)
        over = QVBoxLayout(self._list.viewport())
        over.setContentsMargins(2 * UNIT, 4 * UNIT, 2 * UNIT, 0)
        over.addWidget(self._nothing, 0, Qt.AlignmentFlag.AlignTop)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self._details)
        split.setSizes([380, 520])
        split.setChildrenCollapsible(False)
        bottom = QHBoxLayout()
        bottom.addWidget(self._import)
        bottom.addWidget(self._hub)
        bottom.addWidget(self._memory)
        bottom.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * UNIT)
        layout.addWidget(split, 1)
        layout.addLayout(bottom)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._narrow)
        self._shown.currentIndexChanged.connect(self._narrow)
        self._list.selectionModel().currentChanged.connect(self._show_chosen)
        self._model.dataChanged.connect(self._show_change)
        details = self._details
        details.install_requested.connect(self._install)
        details.pause_requested.connect(self._pause)
        details.cancel_requested.connect(self._cancel)
        details.use_requested.connect(self._use)
        details.check_requested.connect(self._check)
        details.remove_requested.connect(self._remove)
        self._import.clicked.connect(self.import_requested)
        self._hub.clicked.connect(self.hub_requested)
        self._memory.clicked.connect(self.memory_requested)
        drop = FileDrop(self)
        drop.hovered.connect(self._show_drop)
        drop.dropped.connect(self.files_dropped)

    def _narrow(self) -> None:
        """Lists what is looked for; where that leaves out what was chosen, the first is."""
        self._filter.search(self._search.text())
        self._filter.narrow(self._shown.currentData())
        if not self._list.currentIndex().isValid():
            self._list.setCurrentIndex(self._filter.index(0, 0))
        self._show_chosen()

    def _show_change(self, first: QModelIndex, last: QModelIndex) -> None:
        """Follows what is chosen; progress alone, which comes often, leaves its facts alone."""
        item = self.chosen
        if item is None or not first.row() <= self._model.row_of(item.id) <= last.row():
            return
        under_way = self._installations.of(item.id)
        if under_way is not None and under_way.progress is not None:
            self._details.show_work(item, Standing(under_way))
        else:
            self._show_chosen()

    def _show_chosen(self) -> None:
        item = self.chosen
        standing = Standing() if item is None else self._standing(item)
        self._details.show_item(item, standing, self._budget)
        self._nothing.setVisible(not self._filter.rowCount())

    def _standing(self, item: Item) -> Standing:
        work = self._installations
        under_way, must_accept = work.of(item.id), False
        if not item.installed and under_way is None:
            try:
                must_accept = work.must_accept(item)
            except KnownError as error:
                self.message.emit(error.message, Tone.FAILURE, error.details)
        return Standing(under_way, work.begun(item.id), work.trouble(item.id), must_accept)

    def _show_drop(self, hovered: bool) -> None:
        """Says over everything that what is dragged here may be dropped."""
        self._drop.setGeometry(self.rect())
        self._drop.setVisible(hovered)
        self._drop.raise_()

    def _tells(self, message: str) -> bool:
        """Whether a message is why the work on what is shown has failed, which stands there."""
        return self.chosen is not None and message == self._installations.trouble(self.chosen.id)

    def _install(self, accepted: bool) -> None:
        if (item := self.chosen) is not None:
            self._installations.install(item, accepted=accepted)

    def _pause(self, paused: bool) -> None:
        if (item := self.chosen) is not None:
            self._installations.pause(item.id, paused)

    def _cancel(self) -> None:
        if (item := self.chosen) is not None:
            self._installations.cancel(item.id)

    def _use(self) -> None:
        if (item := self.chosen) is not None:
            self.use_requested.emit(item.id)
            self.accept()

    def _check(self) -> None:
        if (item := self.chosen) is not None:
            self._installations.check(item)

    def _remove(self) -> None:
        item = self.chosen
        if item is None:
            return
        question = QMessageBox(
            QMessageBox.Icon.Question,
            "Remove",
            f"Remove {item.title} from this computer?",
            QMessageBox.StandardButton.Cancel,
            self,
        )
        question.setInformativeText("What was downloaded of it is deleted; your own files stay.")
        remove = question.addButton("&Remove", QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(QMessageBox.StandardButton.Cancel)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove.clicked.connect(lambda: self._installations.remove(item))
        question.open()

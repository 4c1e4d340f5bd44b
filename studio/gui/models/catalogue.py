"""Models and adapters as a list that can be searched and narrowed down."""

from __future__ import annotations

import enum

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from studio.core.units import file_size
from studio.generation.catalog import AdapterInfo, Catalog, ModelInfo
from studio.generation.fitting import Fit, fit_of
from studio.generation.memory import Budget
from studio.gui.installations import Installations

ITEM_ROLE = Qt.ItemDataRole.UserRole
"""The `ModelInfo` or `AdapterInfo`."""
STATE_ROLE = Qt.ItemDataRole.UserRole + 1
"""A few words: what of it is here, or how far its installation is."""
FRACTION_ROLE = Qt.ItemDataRole.UserRole + 2
"""How much of the work on it is done, 0 to 1; None while there is none."""
SIGN_ROLE = Qt.ItemDataRole.UserRole + 3
"""The icon that tells at a glance what of it is here; empty for nothing."""

Item = ModelInfo | AdapterInfo
Index = QModelIndex | QPersistentModelIndex

_KINDS = {
    "lora": "LoRA",
    "textual_inversion": "Textual inversion",
    "controlnet": "ControlNet",
    "ip_adapter": "IP-Adapter",
    "vae": "Autoencoder",
    "upscaler": "Upscaler",
    "estimator": "Estimator",
}


class Shown(enum.Enum):
    """Which of them are listed; the values are for people."""

    ALL = "All"
    INSTALLED = "On this computer"
    FITTING = "Models that fit into memory"
    MODELS = "Models"
    ADAPTERS = "LoRAs and other adapters"


class CatalogueModel(QAbstractListModel):
    """The catalog's models, then its adapters.

    Args:
        catalog: to be listed.
        installations: what is under way.
    """

    def __init__(
        self, catalog: Catalog, installations: Installations, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._installations = installations
        self._items: list[Item] = []
        self.show_catalog(catalog)
        installations.changed.connect(self._repaint)

    @property
    def ids(self) -> list[str]:
        """Of all that are listed, in their order."""
        return [item.id for item in self._items]

    def show_catalog(self, catalog: Catalog) -> None:
        """Lists another catalog."""
        items: list[Item] = [*catalog.models, *catalog.adapters]
        if [item.id for item in items] == self.ids:
            self._items = items
            self.dataChanged.emit(self.index(0), self.index(len(items) - 1))
            return
        self.beginResetModel()
        self._items = items
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's default)
        """How many there are."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Titles, and what the roles above say."""
        item = self._items[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.title
        if role == Qt.ItemDataRole.AccessibleDescriptionRole or role == STATE_ROLE:
            return self._state(item)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.title}\n{self._state(item)}"
        if role == ITEM_ROLE:
            return item
        if role == FRACTION_ROLE:
            under_way = self._installations.of(item.id)
            return under_way and (under_way.progress.fraction if under_way.progress else 0.0)
        if role == SIGN_ROLE:
            return self._sign(item)
        return None

    def row_of(self, item_id: str) -> int:
        """Where the model or adapter of that id stands; -1 where it is not listed."""
        return next((row for row, item in enumerate(self._items) if item.id == item_id), -1)

    def _state(self, item: Item) -> str:
        if (under_way := self._installations.of(item.id)) is not None:
            return under_way.sentence
        if begun := self._installations.begun(item.id):
            return f"{kind_of(item)} · {file_size(begun)} downloaded, unfinished"
        size = item.size_bytes if item.installed else item.download_bytes
        words = [kind_of(item)]
        if size:
            words.append(file_size(size))
        words.append("installed" if item.installed else item.licence)
        return " · ".join(words)

    def _sign(self, item: Item) -> str:
        if self._installations.trouble(item.id):
            return "triangle-alert"
        if self._installations.begun(item.id):
            return "circle-pause"
        return "check" if item.installed else ""

    def _repaint(self, item_id: str) -> None:
        if (row := self.row_of(item_id)) >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))


class CatalogueFilter(QSortFilterProxyModel):
    """Those with all words that were typed, of the kind that was chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._shown = Shown.ALL
        self._budget: Budget | None = None

    def search(self, text: str) -> None:
        """Lists those whose title, id, kind or licence has every word."""
        self._words = text.casefold().split()
        self.invalidate()

    def narrow(self, shown: Shown) -> None:
        """Lists only these."""
        self._shown = shown
        self.invalidate()

    def set_budget(self, budget: Budget | None) -> None:
        """What there is to fit into; None as long as nobody knows."""
        self._budget = budget
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether one is listed."""
        item: Item = self.sourceModel().index(row, 0).data(ITEM_ROLE)
        text = f"{item.title} {item.id} {item.family} {kind_of(item)} {item.licence}".casefold()
        return self._is_shown(item) and all(word in text for word in self._words)

    def _is_shown(self, item: Item) -> bool:
        match self._shown:
            case Shown.ALL:
                return True
            case Shown.INSTALLED:
                return item.installed
            case Shown.ADAPTERS:
                return isinstance(item, AdapterInfo)
            case Shown.MODELS:
                return isinstance(item, ModelInfo)
            case Shown.FITTING:
                return isinstance(item, ModelInfo) and _fits(item, self._budget)


def _fits(model: ModelInfo, budget: Budget | None) -> bool:
    """Whether a model fits as far as anybody knows."""
    return budget is None or fit_of(model, budget) is not Fit.HARDLY


def kind_of(item: Item) -> str:
    """What it is, in a word or two."""
    if isinstance(item, ModelInfo):
        return "Model"
    return f"{_KINDS[item.kind]} {item.scale}×" if item.scale else _KINDS[item.kind]

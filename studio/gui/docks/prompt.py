"""The prompt panel: what is asked for, and the button that asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.engine.protocol import EngineStatus
from studio.generation.adapters import fitting_adapters
from studio.generation.catalog import Catalog, ModelInfo
from studio.generation.enlarging import own_upscaler
from studio.generation.fitting import fit_words
from studio.generation.memory import Budget
from studio.generation.request import MAX_COUNT, MAX_PROMPT, MAX_STEPS
from studio.generation.schedulers import schedulers_of
from studio.generation.styles import Style, style_of, with_style
from studio.generation.task import Task
from studio.gui.engine_thread import ProgressUpdate
from studio.gui.knowledge import vocabulary_of
from studio.gui.settings import PromptSettings
from studio.gui.situation import Situation
from studio.gui.theme import UNIT
from studio.gui.widgets.adapter_choice import AdapterChoice
from studio.gui.widgets.adapters_panel import AdaptersPanel
from studio.gui.widgets.fields import (
    Fold,
    OptionalNumber,
    Scrolled,
    SliderField,
    field_row,
    muted,
    tool_button,
)
from studio.gui.widgets.generate_button import GenerateButton
from studio.gui.widgets.prompt_editor import PromptEditor
from studio.gui.widgets.seed_field import SeedField
from studio.gui.widgets.size_picker import SizePicker
from studio.gui.widgets.style_picker import StylePicker
from studio.gui.widgets.task_line import TaskLine
from studio.gui.widgets.word_marker import WordMarker, hint
from studio.gui.words import progress_words
from studio.gui.workspace import Workspace

WIDTH = 320
_WITH_STRENGTH = (Task.IMAGE_TO_IMAGE, Task.INPAINT)


class PromptPanel(QWidget):
    """Fields for everything that a generation takes; what is rarely needed is folded away.

    Signals:
        generate_requested(), cancel_requested(): the button was pressed.
        size_chosen(Extent): the next picture shall be of that size.
        model_page_requested(): the person wants to know what the model knows.
        install_requested(str): the person wants to install the model of that id, or anything.
    """

    generate_requested = Signal()
    cancel_requested = Signal()
    size_chosen = Signal(object)
    model_page_requested = Signal()
    install_requested = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        situation: Situation,
        catalog: Catalog,
        styles: Sequence[Style] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._situation = situation
        self._styles = styles
        self._stopping = ""
        self._budget: Budget | None = None
        self.setAccessibleName("Prompt")
        self.setMinimumWidth(WIDTH - 40)
        self._make_fields(catalog)
        self._lay_out()
        self._connect()
        self.refresh()
        self._show_choice()

    @property
    def sentence(self) -> str:
        """What it says that Generate will do."""
        return self._task.text

    def refresh(self) -> None:
        """Shows the workspace's settings."""
        prompt = self._workspace.prompt
        self.prompt.set_text(prompt.prompt)
        self._negative.set_text(prompt.negative_prompt)
        self._count.set_value(prompt.count)
        self._seed.show_seed(prompt.seed, prompt.seed_locked)
        self._steps.set_value(prompt.steps)
        self._guidance.set_value(prompt.guidance)
        self._show_schedulers()
        self._show_replacements()
        self._rank.setChecked(prompt.rank)
        self._feather.set_value(prompt.feather)
        model = self._situation.model
        self._adapters.show_adapters(self._situation.adapters, model)
        if prompt.guides and not self._adapters.guide_rows:
            self._more.set_open(True)  # what changes the picture shall not be out of sight
        self._adapters.show_guides(prompt.guides)
        self._model.setCurrentIndex(max(0, self._model.findData(model.id)))
        self._show_fit()
        self._marker.set_vocabulary(vocabulary_of(model))
        self._style.show_style(style_of(prompt.prompt, self._styles))
        self._show_strength()

    def show_catalog(self, catalog: Catalog) -> None:
        """Offers other models; the chosen one stays chosen."""
        with QSignalBlocker(self._model):
            self._model.clear()
            self._list_models(catalog)
        self.refresh()

    def show_engine(self, status: EngineStatus) -> None:
        """Takes from the engine what memory there is for models to fit into."""
        self._budget = status.budget
        self._show_fit()

    def show_progress(self, update: ProgressUpdate) -> None:
        """The button tells how far the running job is, unless it is being cancelled."""
        event = update.event
        if event.job_id != self._stopping:
            self.button.show_progress(event.share, progress_words(event))

    def show_stopping(self, job_id: str) -> None:
        """The button tells that a job is about to end, which takes a step, or some seconds."""
        self._stopping = job_id
        self.button.show_progress(0.0, "stopping")

    def show_failed(self) -> None:
        """The button tells nothing more of a job that failed; another one may follow."""
        if self.button.is_running:
            self.button.show_progress(0.0, "preparing")

    def show_busy(self, busy: bool, waiting: int, doing: str = "preparing") -> None:
        """The button cancels while anything is under way; ``doing`` until there is progress."""
        if not busy:
            self.button.show_idle()
            self._show_choice()
        elif not self.button.is_running:
            self.button.show_progress(0.0, doing)
        self._queue.setVisible(busy)
        words = f"{waiting} more waiting" if waiting else ""
        self._queue.setToolTip(f"Queue another one ({words})" if words else "Queue another one")

    def _make_fields(self, catalog: Catalog) -> None:
        self._task = TaskLine()
        self.prompt = PromptEditor(6)
        self.prompt.setAccessibleName("Prompt")
        self.prompt.setPlaceholderText("Describe the picture…")
        self._marker = WordMarker(self.prompt)
        self._hint = muted()
        self._hint.hide()
        self._style = StylePicker(self._styles)
        self._style_fold = Fold("Style")
        self._style_fold.rows.addWidget(self._style)
        self._style_fold.set_open(True)
        self._negative = PromptEditor(3)
        self._negative.setAccessibleName("Negative prompt")
        self._negative.setPlaceholderText("What should not be in it…")
        self.size_picker = SizePicker()
        self._count = SliderField("Number of pictures", 1, MAX_COUNT)
        self.strength = SliderField("Strength", 0, 1, decimals=2)
        self.strength.setToolTip("0 keeps what is there, 1 forgets it")
        self._strength_row = field_row("Strength", self.strength)
        self._model = QComboBox()
        self._model.setAccessibleName("Model")
        self._model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._list_models(catalog)
        self._about_model = tool_button("info", "About this model", "What this model knows")
        self._fit = muted()
        self._make_more()
        self.button = GenerateButton("Ctrl+↵")
        self._queue = tool_button("plus", "Queue another one")

    def _list_models(self, catalog: Catalog) -> None:
        for model in sorted(catalog.models, key=lambda model: not model.installed):
            self._model.addItem(_model_title(model), model.id)

    def _make_more(self) -> None:
        self._more = Fold("More")
        self._seed = SeedField()
        self._steps = OptionalNumber(1, MAX_STEPS)
        self._guidance = OptionalNumber(0, 30, decimals=1, step=0.5)
        self._scheduler = QComboBox()
        self._upscaler = AdapterChoice("Upscaler")
        self._upscaler.setToolTip("Takes pictures from the model's own size to a larger one")
        self._vae = AdapterChoice("Autoencoder")
        self._vae.setToolTip("Develops pictures in the place of the model's own")
        self._feather = SliderField("Feather", 0, 128)
        self._feather.setToolTip("Width of the blend inside a mask's edge, in pixels")
        self._adapters = AdaptersPanel()
        self._rank = QCheckBox("Score each picture against the prompt")
        self._rank.setToolTip("CLIP says how well each picture fits the words")
        for row in (
            self._negative,
            field_row("Seed", self._seed),
            field_row("Steps", self._steps),
            field_row("Guidance", self._guidance),
            field_row("Scheduler", self._scheduler),
            self._upscaler,
            self._vae,
            field_row("Feather", self._feather),
            self._adapters,
            self._rank,
        ):
            self._more.rows.addWidget(row)

    def _lay_out(self) -> None:
        fields = QWidget()
        rows = QVBoxLayout(fields)
        rows.setContentsMargins(12, 12, 12, UNIT)
        rows.setSpacing(UNIT)
        for row in (
            self._task,
            self.prompt,
            self._hint,
            self._style_fold,
            field_row("Size", self.size_picker),
            field_row("Pictures", self._count),
            field_row("Model", self._model, self._about_model),
            self._fit,
            self._strength_row,
            self._more,
        ):
            rows.addWidget(row)
        rows.addStretch(1)
        self.prompt.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._scroll = Scrolled(fields)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(12, UNIT, 12, 12)
        bottom.addWidget(self.button, 1)
        bottom.addWidget(self._queue)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(bottom)
        self._queue.hide()

    def _connect(self) -> None:
        self.button.generate.connect(self.generate_requested)
        self.button.cancel.connect(self.cancel_requested)
        self._queue.clicked.connect(self.generate_requested)
        for editor in (self.prompt, self._negative):
            editor.submitted.connect(self.generate_requested)
        self.prompt.textChanged.connect(lambda: self._set(prompt=_text(self.prompt)))
        self._marker.unknown_changed.connect(self._show_hint)
        self._style.chosen.connect(self._choose_style)
        self._about_model.clicked.connect(self.model_page_requested)
        self._fit.linkActivated.connect(self.install_requested)
        self._negative.textChanged.connect(lambda: self._set(negative_prompt=_text(self._negative)))
        self.size_picker.chosen.connect(self.size_chosen)
        self._count.changed.connect(lambda value: self._set(count=round(value)))
        self.strength.changed.connect(self._set_strength)
        self._model.activated.connect(lambda: self._set(model=self._model.currentData()))
        self._seed.changed.connect(lambda seed, locked: self._set(seed=seed, seed_locked=locked))
        self._steps.chosen.connect(lambda n: self._set(steps=None if n is None else round(n)))
        self._guidance.chosen.connect(lambda number: self._set(guidance=number))
        self._scheduler.activated.connect(
            lambda: self._set(scheduler=self._scheduler.currentData())
        )
        self._upscaler.chosen.connect(lambda upscaler: self._set(upscaler=upscaler))
        self._vae.chosen.connect(lambda vae: self._set(vae=vae))
        self._rank.clicked.connect(lambda checked: self._set(rank=checked))
        self._feather.changed.connect(lambda value: self._set(feather=round(value)))
        self._adapters.tag_chosen.connect(self._add_tag)
        self._adapters.find_requested.connect(lambda: self.install_requested.emit(""))
        self._adapters.guides_changed.connect(lambda guides: self._set(guides=guides))
        self._more.unfolded.connect(lambda: QTimer.singleShot(0, self, self._show_more))
        self._task.override_chosen.connect(self._situation.set_override)
        self._workspace.prompt_changed.connect(self.refresh)
        self._situation.changed.connect(self._show_choice)

    def _show_more(self) -> None:
        """Brings what was unfolded into sight, once it is laid out."""
        self._scroll.verticalScrollBar().setValue(self._more.y())

    def _set(self, **changes: Any) -> None:
        settings: PromptSettings = msgspec.structs.replace(self._workspace.prompt, **changes)
        self._workspace.set_prompt(settings)

    def _set_strength(self, value: float) -> None:
        choice = self._situation.choice
        if choice is not None and choice.task is Task.INPAINT:
            self._set(mask_strength=value)
        else:
            self._set(strength=value)

    def _show_choice(self) -> None:
        choice = self._situation.choice
        if choice is None:
            return
        self._task.show_choice(choice, self._situation.override)
        self.button.setEnabled(choice.is_possible or self.button.is_running)
        self.size_picker.show_extent(self._workspace.document.frame.extent)
        self._show_strength()

    def _show_strength(self) -> None:
        choice = self._situation.choice
        task = choice.task if choice is not None else None
        prompt = self._workspace.prompt
        self.strength.set_value(prompt.mask_strength if task is Task.INPAINT else prompt.strength)
        self._strength_row.setVisible(task in _WITH_STRENGTH)

    def _show_hint(self) -> None:
        text = hint(self._situation.model.title, self._marker.unknown)
        self._hint.setText(text)
        self._hint.setVisible(bool(text))

    def _choose_style(self, style: Style | None) -> None:
        self._set(prompt=with_style(_text(self.prompt), style, self._styles))

    def _add_tag(self, tag: str) -> None:
        """Puts a LoRA's tag behind the prompt, and the keyboard to it to change its weight."""
        self._set(prompt=f"{_text(self.prompt)} {tag}".lstrip())
        self.prompt.moveCursor(QTextCursor.MoveOperation.End)
        self.prompt.setFocus()

    def _show_schedulers(self) -> None:
        """Those of the model's family; the model's own where another family's is chosen."""
        names = schedulers_of(self._situation.model.family)
        if self._scheduler.count() != 1 + len(names) or self._scheduler.itemData(1) != names[0]:
            self._scheduler.clear()
            self._scheduler.addItem("model's own", None)
            for name in names:
                self._scheduler.addItem(name, name)
        chosen = self._scheduler.findData(self._workspace.prompt.scheduler)
        self._scheduler.setCurrentIndex(max(0, chosen))

    def _show_replacements(self) -> None:
        """What may stand in for the model's own upscaler and autoencoder."""
        model, prompt = self._situation.model, self._workspace.prompt
        installed = self._situation.adapters
        own = "model's own" if own_upscaler(model) else "none"
        upscalers = fitting_adapters(installed, "upscaler", model)
        self._upscaler.show_adapters(upscalers, own, prompt.upscaler)
        vaes = fitting_adapters(installed, "vae", model)
        self._vae.show_adapters(vaes, "model's own", prompt.vae)

    def _show_fit(self) -> None:
        """How the model fits into memory, in two lines from the start so that nothing moves."""
        model = self._situation.model
        if not model.installed:
            words = f'Not installed: <a href="{model.id}">install it</a>, or choose another.'
        else:
            fit = fit_words(model, self._budget) if self._budget else ""
            words = f"Best at {model.native_size} × {model.native_size} px<br>{fit}"
        self._fit.setText(words)


def _text(editor: PromptEditor) -> str:
    return editor.toPlainText()[:MAX_PROMPT]


def _model_title(model: ModelInfo) -> str:
    return model.title if model.installed else f"{model.title} (not installed)"

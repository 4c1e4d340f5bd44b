"""The canvas: shows the document and hands what pointer and keys do to the tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QColorSpace,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QRegion,
    QResizeEvent,
    QShowEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QGestureEvent,
    QLineEdit,
    QPinchGesture,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from studio.core.compositor import CompositeCache
from studio.core.geometry import Bounds, Point
from studio.core.projection import Projection, bounds_around
from studio.gui.canvas.aids import AidSettings
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.decor import Decor
from studio.gui.canvas.file_drop import FileDrop
from studio.gui.canvas.floating import Floating
from studio.gui.canvas.keys import CanvasKeys
from studio.gui.canvas.live_picture import LivePicture
from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.pen import LIFTED, Pen
from studio.gui.canvas.pointer import Pointer
from studio.gui.canvas.screen_colours import SRGB, ScreenColours, profile_of
from studio.gui.canvas.scrolling import native_zoom, pinch, scroll
from studio.gui.canvas.selection_overlay import SelectionOverlay
from studio.gui.canvas.staged_pictures import StagedPictures
from studio.gui.canvas.staged_pictures import extent_of as staged_extent
from studio.gui.canvas.staging_keys import StagingKeys
from studio.gui.canvas.text_editor import TextEditing
from studio.gui.canvas.turned import Turned
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace
from studio.tools import colour_at

WRITING = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, Turned)
"""What keeps the keyboard while candidates arrive."""


class CanvasView(QWidget):
    """Shows the workspace's document, with its frame, mask, candidates and the tool in hand.

    It changes nothing by itself but the view and, through tools, what a tool changes.

    Signals:
        zoom_changed(float): 1.0 shows each canvas pixel as one pixel of the screen.
        pointer_moved(Point | None, Colour | None): the canvas pixel under the pointer and its
            colour, also after the picture or the view changed below it; None where there is none.
        extend_requested(Bounds): an edge was dragged: the canvas should become this.
        files_dropped(list[Path]): files were dropped on the canvas.
        sample_chosen(str): a prompt of the empty state was clicked.
        keep_requested(), vary_requested(), discard_requested(): by key or by the staging bar.
        refused(str): a tool cannot be used; the sentence says why and what to do.
    """

    zoom_changed = Signal(float)
    pointer_moved = Signal(object, object)
    extend_requested = Signal(object)
    files_dropped = Signal(list)
    sample_chosen = Signal(str)
    keep_requested = Signal()
    vary_requested = Signal()
    discard_requested = Signal()
    refused = Signal(str)

    def __init__(
        self, workspace: Workspace, samples: Iterable[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._navigator = Navigator(self)
        self._pointer = Pointer(workspace, self._navigator, self)
        self._writing = TextEditing(workspace, self._navigator, self)
        self._staged = StagedPictures(workspace, self)
        self._selection = SelectionOverlay(workspace, self)
        self._colours = CanvasColours.of(self.palette())
        self._picture = LivePicture(workspace, self._selection, self._colours, self)
        self._decor = Decor(
            workspace, self._navigator, self._pointer, self._staged, self._selection
        )
        self._floating = Floating(workspace, self._navigator, samples, self)
        self._staging_keys = StagingKeys(workspace.staging, self)
        self._keys = CanvasKeys(self._pointer, self._staging_keys)
        self._profile = SRGB
        self._is_drop_target = False
        self._was_tabbed_to = False
        self._had_candidate = False
        self._drop = FileDrop(self)
        self._pointed: QPointF | None = None
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._going_on = QTimer(self, singleShot=True, interval=0)
        self._release_document: Callable[[], None] = lambda: None
        self._set_up()
        self._connect()
        self._follow_document()

    # What others use ----------------------------------------------------------------------------

    @property
    def viewport(self) -> Viewport:
        """The map between canvas and view."""
        return self._navigator.viewport

    @property
    def navigator(self) -> Navigator:
        """Zooms, pans and turns."""
        return self._navigator

    @property
    def zoom(self) -> float:
        """1.0 shows each canvas pixel as one pixel of the screen."""
        return self._navigator.zoom

    @property
    def is_up_to_date(self) -> bool:
        """Whether all that changed has been painted; a large change takes several frames."""
        return self._picture.stale.isEmpty()

    @property
    def tiles(self) -> CompositeCache:
        """The composed picture of the current document, at every scale."""
        return self._picture.tiles

    @property
    def screen_colours(self) -> ScreenColours:
        """What takes pictures to the colours of the screen that the view is on."""
        return self._picture.screen

    def fit(self) -> None:
        """Shows the whole canvas."""
        self._navigator.fit(self._workspace.document.canvas)

    def show_actual(self) -> None:
        """Shows each canvas pixel as one pixel of the screen."""
        self._navigator.show_actual()

    def zoom_in(self) -> None:
        """Goes to the next larger zoom of the usual row."""
        self._navigator.step(1)

    def zoom_out(self) -> None:
        """Goes to the next smaller zoom of the usual row."""
        self._navigator.step(-1)

    def set_samples(self, samples: Iterable[str]) -> None:
        """Prompts that the empty canvas offers."""
        self._floating.set_samples(samples)

    def set_mask_colour(self, colour: QColor) -> None:
        """Shows the mask in another colour."""
        self._picture.set_mask_colour(colour)

    def set_mask_shown(self, shown: bool) -> None:
        """Shows or hides the mask; it acts all the same."""
        self._picture.set_mask_shown(shown)

    def set_profile(self, profile: QColorSpace) -> None:
        """Shows the picture as a screen of that profile needs it."""
        if profile != self._profile:
            self._profile = profile
            self._picture.set_screen(ScreenColours(profile))

    # Setting up ---------------------------------------------------------------------------------

    def _set_up(self) -> None:
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription("The picture; tools act on it with pointer and keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 160)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.grabGesture(Qt.GestureType.PinchGesture)

    def _connect(self) -> None:
        workspace, pointer, floating = self._workspace, self._pointer, self._floating
        self._navigator.moved.connect(self._on_moved)
        self._navigator.zoom_changed.connect(self.zoom_changed)
        pointer.changed.connect(self._on_pointer)
        pointer.extend_requested.connect(self.extend_requested)
        pointer.refused.connect(self.refused)
        self._picture.changed.connect(self._repaint)
        self._staged.changed.connect(
            lambda dirty: self.update(staged_extent(dirty, self.viewport).toAlignedRect())
        )
        for source in (floating.bar, self._staging_keys):
            source.keep_requested.connect(self.keep_requested)
            source.vary_requested.connect(self.vary_requested)
            source.discard_requested.connect(self.discard_requested)
        floating.greeting.sample_chosen.connect(self.sample_chosen)
        self._selection.moved.connect(self._repaint)
        self._going_on.timeout.connect(self._go_on)
        self._telling.timeout.connect(self._tell_pointer)
        self._drop.dropped.connect(self.files_dropped)
        self._drop.hovered.connect(self._set_drop_target)
        workspace.staging.changed.connect(self._take_keys)
        workspace.document_replaced.connect(self._follow_document)
        workspace.tool_changed.connect(self._on_tool_changed)
        workspace.brush_changed.connect(self._on_pointer)
        workspace.tool_settings.changed.connect(self._on_settings)

    def _follow_document(self) -> None:
        self._release_document()
        document = self._workspace.document
        self._selection.follow_document()
        self._picture.follow_document()
        self._floating.follow_document()
        self._pointer.follow_document()
        links = (
            (document.changed, self._on_changed),
            (document.canvas_changed, self._on_canvas_changed),
            (document.frame_changed, self._on_frame_changed),
            (document.guides_changed, self._on_guides_changed),
            (self._workspace.current.projected, self._on_projected),
        )
        for event, slot in links:
            event.connect(slot)

        def release() -> None:
            for event, slot in links:
                event.disconnect(slot)

        self._release_document = release
        self._look()
        self._navigator.look_again(self._workspace.current.viewport, document.canvas)
        self._telling.start()
        self.update()

    # What the document and the view's own parts say ----------------------------------------------

    def _repaint(self, where: QRect | QRegion) -> None:
        # Connected directly, Qt would take its slot without arguments: everything.
        self.update(where)

    def _on_changed(self, _: Bounds) -> None:
        self._staged.forget_below()
        self._telling.start()

    def _on_canvas_changed(self, _: Bounds) -> None:
        self._telling.start()

    def _on_frame_changed(self, frame: Bounds) -> None:
        self.update(self._decor.frame_moved(frame))

    def _on_guides_changed(self) -> None:
        self.update()

    def _on_projected(self, projection: Projection) -> None:
        """Goes on looking at the same part; who saw the whole canvas sees it whole again."""
        canvas, viewport = self._workspace.document.canvas, self._workspace.current.viewport
        before = bounds_around(projection.inverse().quad(canvas), 0.5)
        saw_all = self._sees(before)
        self._navigator.look_again(viewport, canvas)
        if saw_all and not self._sees(canvas):
            self.fit()

    def _sees(self, bounds: Bounds) -> bool:
        return QRectF(self.rect()).contains(self.viewport.rect_to_widget(bounds))

    def _on_settings(self, kind: type) -> None:
        if kind is AidSettings:
            self.update()

    def _on_moved(self) -> None:
        self._workspace.current.viewport = self.viewport
        self._look()
        self._floating.place()
        self._pointer.follow_view()
        self._telling.start()
        self.update()

    def _on_tool_changed(self) -> None:
        self._pointer.cancel()
        self._pointer.leave()
        self.update()

    def _on_pointer(self) -> None:
        """Repaints where the overlay was and where it is, and shows the right cursor."""
        self.update(self._decor.pointer_moved())
        self._selection.lead(self._pointer.overlay())
        if self.cursor().shape() != self._pointer.cursor:
            self.setCursor(self._pointer.cursor)

    def _look(self) -> None:
        view = (self.viewport, self.size(), self.devicePixelRatioF())
        self._picture.look(*view)
        self._selection.set_view(*view)

    def _take_keys(self) -> None:
        """Candidates are chosen by keys, as soon as there is one, unless the person is writing."""
        has_candidate = self._workspace.staging.current is not None
        appeared = has_candidate and not self._had_candidate
        self._had_candidate = has_candidate
        is_writing = isinstance(QApplication.focusWidget(), WRITING)
        if appeared and self.isActiveWindow() and not is_writing:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    # Painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mends the picture where it changed, and draws everything else over it."""
        painter = QPainter(self)
        self._picture.draw(painter)
        self._decor.paint(painter, self._colours)
        if self._is_drop_target or self._was_tabbed_to:
            self._paint_border(painter, 3 if self._is_drop_target else 1)
        painter.end()
        if not self.is_up_to_date:
            self._going_on.start()

    def _go_on(self) -> None:
        """Mends what one frame had no time for in the next."""
        self.update(self._picture.stale)

    def _paint_border(self, painter: QPainter, width: int) -> None:
        painter.setPen(QPen(self._colours.accent, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = width // 2
        painter.drawRect(self.rect().adjusted(inset, inset, -inset - 1, -inset - 1))

    # Pointer ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins what that button does."""
        self._pointer.press(event.position(), event.button(), event.modifiers(), Pen.of(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes on with it, or looks what a press would do."""
        self._pointer.move(event.position(), event.modifiers(), Pen.of(event))
        self._point(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends it."""
        self._pointer.release(event.position(), event.button(), event.modifiers(), Pen.of(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Changes the text that is there, else is another press."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._writing.edit_at(
            self.viewport.to_canvas(event.position())
        ):
            self.mousePressEvent(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """As the mouse, with the pen's pressure and tilt; its other end erases."""
        self._pointer.turn_pen(event.pointerType() is QPointingDevice.PointerType.Eraser)
        at, modifiers, pen = event.position(), event.modifiers(), Pen.of(event)
        if event.type() is QEvent.Type.TabletPress:
            self._pointer.press(at, event.button(), modifiers, pen)
        elif event.type() is QEvent.Type.TabletRelease:
            lifted = pen._replace(pressure=max(pen.pressure, LIFTED))
            self._pointer.release(at, event.button(), modifiers, lifted)
        else:
            held = self._pointer.is_busy
            self._pointer.move(at, modifiers, pen if held else pen._replace(pressure=1.0))
            self._point(at)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Hides what followed the pointer."""
        self._pointer.leave()
        self._pointed = None
        self.pointer_moved.emit(None, None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms or pans."""
        scroll(self._navigator, event)

    def _point(self, at: QPointF) -> None:
        self._pointed = at
        self._tell_pointer()

    def _tell_pointer(self) -> None:
        """Says what is under the pointer, which may rest while the picture or view changes."""
        self._telling.stop()
        if self._pointed is None:
            return
        place = self.viewport.to_canvas(self._pointed)
        pixel = Point(int(place.x() // 1), int(place.y() // 1))
        document = self._workspace.document
        if document.canvas.contains_point(pixel):
            self.pointer_moved.emit(pixel, colour_at(document, *pixel))
        else:
            self.pointer_moved.emit(None, None)

    def _pinch(self, event: QGestureEvent) -> bool:
        gesture = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(gesture, QPinchGesture):
            return False
        self._pointer.cancel()  # what the first finger began was no stroke
        pinch(self._navigator, gesture, self)
        return True

    # Keys ---------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Lends a tool, or hands the key to the tool in hand or to the candidates."""
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Takes back what the key lent."""
        if not self._keys.release(event):
            super().keyReleaseEvent(event)

    # The rest of Qt's events ----------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Takes keys before shortcuts do where they mean something here, and gestures."""
        kind = event.type()
        if kind is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._keys.mean(event):
                event.accept()
                return True
        elif kind is QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            if native_zoom(self._navigator, event):
                return True
        elif kind is QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            return self._pinch(event)
        elif kind in (QEvent.Type.UngrabMouse, QEvent.Type.WindowDeactivate):
            self._pointer.lose()
        elif kind is QEvent.Type.ScreenChangeInternal:
            self.set_profile(profile_of(self))
        elif kind is QEvent.Type.DevicePixelRatioChange:
            self._navigator.set_size(self.size(), self.devicePixelRatioF())
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._colours = CanvasColours.of(self.palette())
            self._picture.set_colours(self._colours)
            self.update()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the middle in the middle."""
        self._navigator.set_size(event.size(), self.devicePixelRatioF())
        self._look()
        self._floating.place()

    def showEvent(self, event: QShowEvent) -> None:
        """Looks from a place that suits the screen it is shown on."""
        self._navigator.set_size(self.size(), self.devicePixelRatioF())
        self.set_profile(profile_of(self))
        super().showEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows who has the keyboard to those who go from part to part with it."""
        tabs = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._was_tabbed_to = event.reason() in tabs
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key let go elsewhere is not heard here."""
        self._was_tabbed_to = False
        self.update()
        self._keys.let_go()
        super().focusOutEvent(event)

    def sizeHint(self) -> QSize:
        """As large as may be."""
        return QSize(900, 700)

    def _set_drop_target(self, is_target: bool) -> None:
        self._is_drop_target = is_target
        self.update()

"""Copying from the picture, and pasting into it, with transparency."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QColorSpace, QGuiApplication, QImage, QImageWriter

from studio.core.commands.layer import AddLayer, RemoveLayer
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.excerpt import Excerpt, layer_excerpt, merged_excerpt
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.gui.document_files import DocumentFiles
from studio.gui.errands import Errands
from studio.gui.images import to_image, to_picture
from studio.gui.open_document import OpenDocument
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace
from studio.tools.targets import paintable_layer
from studio.tools.washing import erase

PNG = "image/png"
PLACE = "application/x-sfumato-place"
"""Where the pixels lay, as JSON ``[x, y]``; other programs pass it over."""
QUICK = 80
"""What Qt calls the quality of a PNG: how little it is compressed, 0 to 100."""
DESKTOPS = frozenset({"cocoa", "wayland", "windows", "xcb"})
"""Qt's names of the platforms with a clipboard that programs share."""


class Clipboard(QObject):
    """The clipboard's part of the edit menu.

    Signals:
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    message = Signal(str, object, str)

    def __init__(
        self,
        workspace: Workspace,
        files: DocumentFiles,
        errands: Errands,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._files = files
        self._errands = errands
        self._copying = 0
        self._waiting: list[Callable[[], None]] = []

    def copy(self) -> None:
        """Copies what is selected of the active layer, or all of it."""
        document = self._workspace.document
        if document.active is not None:
            layer, selection = document.active.snapshot(), document.selection.snapshot()
            self._copy(lambda: layer_excerpt(layer, selection))

    def copy_merged(self) -> None:
        """Copies what is selected of the picture, or all of it."""
        document = self._workspace.document
        snapshot, selection = document.snapshot(), document.selection.snapshot()
        self._copy(lambda: merged_excerpt(snapshot, selection))

    def cut(self) -> None:
        """Copies what is selected of the active layer and erases it there, or takes it all."""
        tab = self._workspace.current
        try:
            layer = paintable_layer(tab.context, takes_away=True)
        except KnownError as error:
            self._refused(error)
            return
        self.copy()
        if not tab.document.has_selection:
            tab.stack.push(RemoveLayer(layer))
        else:
            erase(tab.context, layer, "Cut")

    def paste(self, seen: Bounds) -> None:
        """Adds what the clipboard holds as a layer.

        It comes to where it was copied from if that is in sight, else to the middle of the
        selection, or of what is seen. Copied files are placed one above the other.

        Args:
            seen: the part of the canvas that the person sees.
        """
        if self._copying:
            self._waiting.append(lambda: self.paste(seen))
            return
        data = _held()
        paths = _files_in(data)
        if paths:
            self._files.take(paths)
            return
        tab, place = self._workspace.current, _place_in(data)
        target = _target_area(tab, seen)

        def show(picture: Picture) -> None:
            if self._workspace.current is tab and self._workspace.is_pristine:
                self._open(picture)
            else:
                tab.stack.push(_pasted(picture, place, target))

        self._read(data, show)

    def paste_as_document(self) -> None:
        """Opens what the clipboard holds as a document of its own."""
        if self._copying:
            self._waiting.append(self.paste_as_document)
            return
        data = _held()
        paths = _files_in(data)
        if paths:
            self._files.take_as_documents(paths)
        else:
            self._read(data, self._open)

    def _copy(self, take: Callable[[], Excerpt]) -> None:
        def done(copied: _Copied) -> None:
            QGuiApplication.clipboard().setMimeData(copied.mime())
            self._ended()

        def failed(error: Exception) -> None:
            self._ended()
            self._refused(error)

        self._copying += 1
        self._errands.run("Copying", lambda report: _Copied(take()), done, failed)

    def _ended(self) -> None:
        """One copy less under way; what waited for the last one is done now."""
        self._copying -= 1
        if not self._copying:
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                call()

    def _read(self, data: QMimeData, then: Callable[[Picture], None]) -> None:
        decode = _decoder(data)
        if decode is None:
            self._refused(KnownError("There is no picture on the clipboard: copy one first."))
        else:
            self._errands.run("Pasting", lambda report: decode(), then, self._refused)

    def _open(self, picture: Picture) -> None:
        document = Document(Bounds.of(picture.extent))
        tab = self._workspace.open_document(document)
        tab.stack.push(AddLayer(RasterLayer.from_picture("Pasted", picture), name="Paste"))

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.WARNING, error.details)


def let_go_of_clipboard() -> None:
    """Empties a clipboard that nobody else sees; to be called before the program ends.

    Where there is no desktop, Qt holds what was copied until the process exits, and would then
    call into a Python that is no more.
    """
    if QGuiApplication.platformName() not in DESKTOPS:
        QGuiApplication.clipboard().clear()


class _Copied:
    """An excerpt in the forms in which the clipboard offers it; made in any thread."""

    def __init__(self, excerpt: Excerpt) -> None:
        self._image = to_image(excerpt.picture)
        self._png = _png_of(self._image)
        self._place = msgspec.json.encode(excerpt.origin)

    def mime(self) -> QMimeData:
        """For the window's thread, to be handed to the clipboard."""
        data = QMimeData()
        data.setData(PNG, self._png)
        data.setData(PLACE, QByteArray(self._place))
        data.setImageData(self._image)
        return data


def _png_of(image: QImage) -> QByteArray:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    writer.setQuality(QUICK)
    writer.write(image)
    buffer.close()
    return data


def _held() -> QMimeData:
    # Where there is nothing, some platforms give None, whatever the type says.
    return QGuiApplication.clipboard().mimeData() or QMimeData()


def _files_in(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _place_in(data: QMimeData) -> Point | None:
    """Where the pixels lay, if they came from here."""
    if not data.hasFormat(PLACE):
        return None
    try:
        return Point(*msgspec.json.decode(data.data(PLACE).data(), type=tuple[int, int]))
    except msgspec.MsgspecError:
        return None


def _decoder(data: QMimeData) -> Callable[[], Picture] | None:
    """What brings the picture, in any thread; None where there is none."""
    if data.hasFormat(PNG):
        encoded = data.data(PNG)
        return lambda: _decoded(QImage.fromData(encoded))
    if data.hasImage():
        image = QImage(data.imageData())
        return lambda: _decoded(image)
    return None


def _decoded(image: QImage) -> Picture:
    if image.isNull():
        raise KnownError("The picture on the clipboard is damaged: copy it again.")
    space = image.colorSpace()
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if space.isValid() and space != srgb:
        image = image.convertedToColorSpace(srgb)
    return to_picture(image)


def _target_area(tab: OpenDocument, seen: Bounds) -> Bounds:
    """In whose middle something is pasted: the selection, or what is seen of the canvas."""
    if tab.document.has_selection:
        return tab.document.selection.snapshot().used_bounds()
    on_canvas = seen.intersection(tab.document.canvas)
    return tab.document.canvas if on_canvas.is_empty else on_canvas


def _pasted(picture: Picture, place: Point | None, area: Bounds) -> AddLayer:
    there = None if place is None else Bounds(*place, *picture.extent)
    if place is None or there is None or there.intersection(area).is_empty:
        place = Point(
            area.x + (area.width - picture.width) // 2,
            area.y + (area.height - picture.height) // 2,
        )
    return AddLayer(RasterLayer.from_picture("Pasted", picture, place), name="Paste")

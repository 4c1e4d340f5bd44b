"""How the window looks: two palettes, one accent, and a little style upon Fusion.

Greys are neutral, so that a picture's colours are judged against nothing. Widgets that paint
themselves take their colours from their palette and need not know which theme is on:

====================  ==========================================================
`QPalette` role       stands for
====================  ==========================================================
``Window``            panels
``Base``              fields, and the ground that pictures lie on
``Dark``              lines between panels
``WindowText``        text and icons
``PlaceholderText``   text of second rank
``Highlight``         the accent, under ``HighlightedText``
``Link``              the accent as text or line on a panel
====================  ==========================================================
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from studio import paths

UNIT = 8
"""The rhythm of margins and gaps, in pixels before scaling."""
ICON_SIZE = 20
RAIL_WIDTH = 44
THEMES = ("system", "dark", "light")


class Colours(msgspec.Struct, frozen=True):
    """The colours of a theme, as ``#rrggbb``; text on its ground has a contrast of 4.5 at least."""

    window: str
    base: str
    raised: str
    hover: str
    line: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    link: str


DARK = Colours(
    window="#2b2b2b",
    base="#1f1f1f",
    raised="#383838",
    hover="#444444",
    line="#171717",
    text="#e8e8e8",
    muted="#a8a8a8",
    disabled="#6f6f6f",
    accent="#e3a857",
    on_accent="#1c1509",
    link="#e9b66e",
)
LIGHT = Colours(
    window="#f0f0f0",
    base="#ffffff",
    raised="#fafafa",
    hover="#e2e2e2",
    line="#cfcfcf",
    text="#1e1e1e",
    muted="#5c5c5c",
    disabled="#a0a0a0",
    accent="#dd9c40",
    on_accent="#1c1509",
    link="#8a5210",
)


def apply_theme(app: QApplication, theme: str) -> None:
    """Dresses the application.

    Args:
        theme: ``dark``, ``light``, or ``system``: as the desktop says, dark where it says nothing.
    """
    scheme = Qt.ColorScheme
    wanted = {"dark": scheme.Dark, "light": scheme.Light}.get(theme, scheme.Unknown)
    app.styleHints().setColorScheme(wanted)
    if wanted is scheme.Unknown:
        wanted = app.styleHints().colorScheme()
    colours = LIGHT if wanted is scheme.Light else DARK
    app.setPalette(palette_of(colours))
    app.setStyleSheet(style_sheet(colours))


def palette_of(colours: Colours) -> QPalette:
    """The palette that Fusion draws with."""
    role = QPalette.ColorRole
    palette = QPalette(QColor(colours.window))
    for which, colour in (
        (role.Window, colours.window),
        (role.Base, colours.base),
        (role.AlternateBase, colours.raised),
        (role.Button, colours.raised),
        (role.ToolTipBase, colours.raised),
        (role.Mid, colours.hover),
        (role.Dark, colours.line),
        (role.WindowText, colours.text),
        (role.Text, colours.text),
        (role.ButtonText, colours.text),
        (role.ToolTipText, colours.text),
        (role.BrightText, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Highlight, colours.accent),
        (role.Accent, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Link, colours.link),
        (role.LinkVisited, colours.link),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.disabled))
    return palette


def style_sheet(colours: Colours) -> str:
    """What Fusion leaves to be desired: flat panels, quiet buttons, thin bars."""
    values = {name: getattr(colours, name) for name in Colours.__annotations__}
    check = paths.resources() / "icons" / "check.svg"  # its black stands well on the accent
    return _SHEET.format(check=check.as_posix(), **values)


_SHEET = """
QMainWindow::separator {{ background: {line}; width: 1px; height: 1px; }}
QMenuBar {{ background: {window}; padding: 2px 4px; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {hover}; }}
QMenu {{ background: {raised}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 8px; border-radius: 4px; }}
QMenu::item:selected {{ background: {accent}; color: {on_accent}; }}
QMenu::item:disabled {{ color: {disabled}; }}
QMenu::separator {{ height: 1px; background: {hover}; margin: 4px 8px; }}
QMenu::icon {{ padding-left: 8px; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {hover}; padding: 4px 6px; }}
QStatusBar {{ background: {window}; border-top: 1px solid {line}; }}
QStatusBar::item {{ border: none; }}
QToolBar {{ background: {window}; border: none; spacing: 2px; padding: 4px; }}
QToolBar#rail {{ border-right: 1px solid {line}; }}
QToolButton {{ border: none; border-radius: 6px; padding: 4px; background: transparent; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:checked {{ background: {hover}; }}
QToolBar#rail QToolButton:checked {{ background: {accent}; }}
QToolButton#qt_toolbar_ext_button {{ padding: 0; }}
QToolButton:focus {{ outline: none; border: 1px solid {link}; padding: 3px; }}
QStatusBar QToolButton {{ color: {muted}; padding: 1px 6px; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton {{
    border: 1px solid {hover}; border-radius: 6px; padding: 4px 12px; min-height: 18px;
    background: {raised};
}}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed {{ background: {line}; }}
QPushButton:checked {{ border-color: {link}; color: {link}; }}
QPushButton:focus {{ border-color: {link}; }}
QPushButton:disabled {{ color: {disabled}; }}
QPushButton:default {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton#primary {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton#primary:focus {{ border-color: {text}; }}
QPushButton:default:disabled, QPushButton#primary:disabled {{
    background: {raised}; color: {disabled}; border-color: {hover};
}}
QPushButton#chip {{ border-radius: 12px; padding: 2px 10px; }}
QPlainTextEdit, QLineEdit, QTextEdit {{
    background: {base}; border: 1px solid {hover}; border-radius: 6px; padding: 4px;
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QPlainTextEdit:focus, QLineEdit:focus, QTextEdit:focus {{ border-color: {link}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QSpinBox, QDoubleSpinBox, QComboBox {{ min-height: 22px; }}
QDialog#palette {{ border: 1px solid {muted}; }}
QCheckBox::indicator {{
    width: 12px; height: 12px; border: 1px solid {muted}; border-radius: 3px; background: {base};
}}
QCheckBox::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{check}");
}}
QCheckBox::indicator:focus {{ border-color: {link}; }}
QCheckBox::indicator:checked:focus {{ border-color: {text}; }}
QCheckBox::indicator:disabled {{ border-color: {disabled}; background: {raised}; }}
QTabBar {{ qproperty-drawBase: 0; qproperty-elideMode: ElideNone; }}
QTabBar::tab {{
    background: transparent; color: {muted}; padding: 6px 12px; border: none;
    border-bottom: 2px solid transparent;
}}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ color: {link}; }}
QDockWidget {{ titlebar-close-icon: none; titlebar-normal-icon: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {hover}; border-radius: 4px; margin: 1px; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {hover}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {accent}; }}
QSlider::handle:horizontal {{
    width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {text};
}}
QSlider::handle:horizontal:focus {{ background: {link}; }}
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{
    background: {raised};
}}
QLabel#muted {{ color: {muted}; }}
QLabel#title {{ color: {text}; font-size: 13pt; font-weight: 600; }}
QLabel#heading {{ color: {text}; font-weight: 600; }}
QLabel#drop {{
    background: {window}; color: {text}; border: 2px dashed {link}; font-size: 13pt;
}}
QFrame#line {{ background: {line}; }}
QFrame#task {{ background: {base}; border-radius: 6px; border-left: 3px solid {accent}; }}
QFrame#popup {{ background: {raised}; border: 1px solid {muted}; }}
QFrame#popup QScrollArea, QFrame#popup QScrollArea > QWidget > QWidget {{
    background: transparent;
}}
QFrame#toast {{ background: {raised}; border: 1px solid {hover}; border-radius: 8px; }}
"""

"""Sfumato: a desktop image studio that keeps everything on the person's own computer."""

__version__ = "0.1.0"

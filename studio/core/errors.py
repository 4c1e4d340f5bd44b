"""What can go wrong, in two kinds.

::

    SfumatoError
    ├── KnownError            the person can do something about it: one sentence, no traceback
    │   ├── RequestError      a generation request that cannot be run as it is
    │   ├── PictureError      a picture or document file that cannot be read or written
    │   ├── ModelError        a model that is missing, damaged or unable to do the task
    │   ├── EngineError       the worker process died or could not start
    │   └── GalleryError      the gallery's folder or database cannot be used
    └── BugError              our mistake: logged with its traceback, offered for copying

Anything that is neither is treated as a bug where it is caught last: in the command line's entry
point, the worker's loop and the window's exception hook.
"""

from __future__ import annotations


class SfumatoError(Exception):
    """Base of every exception that Sfumato raises itself."""


class KnownError(SfumatoError):
    """Something the person can mend.

    The message is one sentence that says what happened and what to do about it, ready to be shown
    as it is. ``details`` may hold more for those who unfold it.
    """

    def __init__(self, message: str, *, details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class RequestError(KnownError, ValueError):
    """A generation request whose values cannot be run, such as a size of zero."""


class PictureError(KnownError):
    """A picture or document file that cannot be read or written."""


class ModelError(KnownError):
    """A model that is missing, damaged, or cannot do the task asked of it."""


class EngineError(KnownError):
    """The worker process died, could not be started, or does not answer."""


class GalleryError(KnownError):
    """The gallery's folder or database cannot be used."""


class BugError(SfumatoError):
    """A broken promise inside Sfumato itself."""

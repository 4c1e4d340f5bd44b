"""The person's token for the hub, in the system's keyring.

It is never written to a file, a log or a message: `Token` shows itself as stars, and only
`studio.models.hub.client` asks it for its text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from studio.core.errors import ModelError

_SERVICE: Final = "sfumato"
_USER: Final = "model hub"
_NO_KEYRING: Final = (
    "The token cannot be kept because this system's keyring does not answer: unlock or install "
    "one, or set the environment variable HF_TOKEN instead."
)


class Token:
    """A secret text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Token(***)"

    def reveal(self) -> str:
        """The text, for the header of a request and nothing else."""
        return self._text


def find_token(environment: Mapping[str, str] = os.environ) -> Token | None:
    """The token of the keyring, else ``HF_TOKEN``; None where there is neither."""
    try:
        text = keyring.get_password(_SERVICE, _USER)
    except (KeyringError, RuntimeError):
        text = None  # a system without a keyring has the variable
    text = text or environment.get("HF_TOKEN", "").strip()
    return Token(text) if text else None


def keep_token(text: str) -> None:
    """Stores a token in the keyring.

    Raises:
        ModelError: if it is no token, or there is no keyring.
    """
    if not re.fullmatch(r"[\x21-\x7e]{8,512}", text):
        raise ModelError(
            "That is no token of the model hub: copy it whole, it begins with hf_, and try again."
        )
    try:
        keyring.set_password(_SERVICE, _USER, text)
    except (KeyringError, RuntimeError) as error:
        raise ModelError(_NO_KEYRING) from error


def forget_token() -> None:
    """Removes the token from the keyring; it may not be there.

    Raises:
        ModelError: if there is no keyring.
    """
    try:
        keyring.delete_password(_SERVICE, _USER)
    except PasswordDeleteError:
        return
    except (KeyringError, RuntimeError) as error:
        raise ModelError(_NO_KEYRING) from error

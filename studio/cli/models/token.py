"""``sfumato models token``: the person's token for gated models."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

from cyclopts import Parameter

from studio.models.hub.tokens import forget_token, keep_token


def store_token(*, forget: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Keep a token of the model hub in this system's keyring, for gated models.

    It is read from the keyboard, without being shown, or from standard input; it is no argument,
    since other programs can see those.

    Parameters
    ----------
    forget
        Remove the token instead.
    """
    if forget:
        forget_token()
        print("The token is forgotten.")
        return
    is_person = sys.stdin.isatty()
    text = getpass.getpass("Token: ") if is_person else sys.stdin.readline()
    keep_token(text.strip())
    print("The token is kept in the keyring.")

"""The token, kept where the system keeps secrets."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backends import fail, null

from studio.core.errors import ModelError
from studio.models.hub.tokens import Token, find_token, forget_token, keep_token


@pytest.fixture(autouse=True)
def _keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_a_token_does_not_show_itself() -> None:
    token = Token("hf_secret")
    assert "secret" not in f"{token} {token!r} {[token]}"
    assert token.reveal() == "hf_secret"


def test_without_a_keyring_the_environment_has_it() -> None:
    keyring.set_keyring(fail.Keyring())
    assert find_token({}) is None
    found = find_token({"HF_TOKEN": " hf_env\n"})
    assert found is not None and found.reveal() == "hf_env"
    with pytest.raises(ModelError, match="HF_TOKEN"):
        keep_token("hf_abcdefgh")
    with pytest.raises(ModelError, match="HF_TOKEN"):
        forget_token()


def test_an_empty_keyring_leaves_it_to_the_environment() -> None:
    keyring.set_keyring(null.Keyring())
    found = find_token({"HF_TOKEN": "hf_env"})
    assert found is not None and found.reveal() == "hf_env"

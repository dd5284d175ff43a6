"""Keys as operators give them: read once, and refused with the name of the setting, never with their value."""

from __future__ import annotations

import base64
import binascii
import re

from pydantic import SecretStr


class WrongKey(ValueError):  # noqa: N818
    """`setting` cannot be used. The value is never part of the message."""

    def __init__(self, setting: str, must: str) -> None:
        super().__init__(f"{setting}: {must}")
        self.setting = setting


def given(setting: str, secret: SecretStr) -> str:
    if not secret.get_secret_value().strip():
        raise WrongKey(setting, "不能为空 / must not be empty")
    return secret.get_secret_value().strip()


def from_base64(text: str) -> bytes | None:
    """Either alphabet, with or without padding; None where it is neither."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def url_safe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def of_form(setting: str, secret: SecretStr, form: re.Pattern[str], must: str) -> str:
    text = given(setting, secret)
    if form.fullmatch(text) is None:
        raise WrongKey(setting, must)
    return text

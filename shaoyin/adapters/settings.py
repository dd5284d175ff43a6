"""What a process is told from outside: SHAOYIN_* variables, checked as a whole before anything starts."""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import NoDecode, SettingsConfigDict

from shaoyin.adapters.limits import Limits

KEY_BYTES = 32
TOKEN_LENGTH = 32
DIFFERENT_BYTES = 10
KEYS = ("vault_key", "id_key", "ticket_key")
SECRETS = (*KEYS, "service_token")


def _listed(said: object) -> object:
    """Several in one variable, with commas between them."""
    return [each.strip() for each in said.split(",") if each.strip()] if isinstance(said, str) else said


class SettingsRefused(Exception):  # noqa: N818 - said to an operator: these settings are refused
    """Everything that is missing or unsafe, in one message; nothing was started."""

    def __init__(self, wrongs: list[str]) -> None:
        super().__init__("settings refused:\n" + "\n".join(f"  - {wrong}" for wrong in wrongs))
        self.wrongs = wrongs


class Settings(Limits):
    """One process's settings. Start from `Settings.checked()`; the constructor alone refuses nothing unsafe."""

    model_config = SettingsConfigDict(
        env_prefix="SHAOYIN_", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    env: Literal["development", "test", "production"] = "development"
    kafka: str = Field("127.0.0.1:9092", min_length=1)
    mongo_url: str = Field("mongodb://127.0.0.1:27017/?replicaSet=rs0", pattern=r"^mongodb(\+srv)?://", repr=False)
    database_prefix: str = Field("shaoyin", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    driver: Literal["motor", "pymongo"] = "motor"
    bus: Literal["kafka", "memory"] = "kafka"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    packs: Path = Path("packs")
    examples: bool = False
    packs_follow_folder: bool | None = None
    partitions: int = Field(4, ge=1, le=1000)
    local: Path = Path(".local")

    vault_key: SecretStr | None = None
    retired_vault_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)] = ()
    id_key: SecretStr | None = None
    ticket_key: SecretStr | None = None
    service_token: SecretStr | None = None
    oidc_issuer: str | None = None
    oidc_audience: str = "shaoyin"
    oidc_jwks_url: str | None = None

    @classmethod
    def checked(cls, **given: object) -> Self:
        """The settings from the environment and `given`. Development and test get the keys they lack from
        `<local>/dev-keys.json`, made once; production must bring its own.

        Raises SettingsRefused, naming every missing or unsafe setting at once.
        """
        try:
            said = cls(**given)  # type: ignore[arg-type]  # pydantic checks what it is given
        except ValidationError as wrong:
            raise SettingsRefused([_in_words(error) for error in wrong.errors(include_input=False)]) from None
        settings = said if said.production else said._with_keys_of_this_machine()
        if wrongs := list(_wrongs(settings)):
            raise SettingsRefused(wrongs)
        return settings

    @property
    def follows_folder(self) -> bool:
        """Whether a pack whose folder was edited is published from it at the next start; said, else in development."""
        return self.env == "development" if self.packs_follow_folder is None else self.packs_follow_folder

    @property
    def production(self) -> bool:
        return self.env == "production"

    def database(self, service: Literal["intake", "router", "notify", "dev"]) -> str:
        return f"{self.database_prefix}_{service}"

    def key(self, name: Literal["vault_key", "id_key", "ticket_key"]) -> bytes:
        """The 32 bytes. Raises ValueError where `checked` was gone round and the key is missing or malformed."""
        return _key_bytes(_secret(self, name))

    @property
    def vault_keys(self) -> list[bytes]:
        """The key that seals, then the retired ones that still open. Raises ValueError, as `key`."""
        return [self.key("vault_key"), *(_key_bytes(each.get_secret_value()) for each in self.retired_vault_keys)]

    def _with_keys_of_this_machine(self) -> Self:
        missing = [name for name in SECRETS if not _secret(self, name)]
        if not missing:
            return self
        made = _keys_of_this_machine(self.local)
        return self.model_copy(update={name: SecretStr(made[name]) for name in missing})


def _secret(settings: Settings, name: str) -> str:
    secret: SecretStr | None = getattr(settings, name)
    return secret.get_secret_value() if secret else ""


def _key_bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text, altchars=b"-_" if set(text) & set("-_") else None, validate=True)
    except binascii.Error:
        raise ValueError("is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"is {len(key)} bytes long, must be {KEY_BYTES}")
    if len(set(key)) < DIFFERENT_BYTES:
        raise ValueError("is not random")
    return key


def _wrongs(settings: Settings) -> Iterator[str]:
    yield from _wrong_keys(settings)
    if (settings.oidc_issuer is None) != (settings.oidc_jwks_url is None):
        yield f"{_variable('oidc_issuer')} and {_variable('oidc_jwks_url')} go together"
    if settings.production:
        yield from _wrong_in_production(settings)


def _wrong_keys(settings: Settings) -> Iterator[str]:
    for name in KEYS:
        if not _secret(settings, name):
            yield f"{_variable(name)} is missing: {KEY_BYTES} random bytes as base64"
            continue
        try:
            _key_bytes(_secret(settings, name))
        except ValueError as wrong:
            yield f"{_variable(name)} {wrong}"
    yield from _wrong_retired_keys(settings)
    given = [secret for name in SECRETS if (secret := _secret(settings, name))]
    if len(set(given)) < len(given):
        yield "two of " + ", ".join(map(_variable, SECRETS)) + " are the same: each must be its own"


def _wrong_retired_keys(settings: Settings) -> Iterator[str]:
    retired = [each.get_secret_value() for each in settings.retired_vault_keys]
    for number, secret in enumerate(retired, 1):
        try:
            _key_bytes(secret)
        except ValueError as wrong:
            yield f"{_variable('retired_vault_keys')}: number {number} {wrong}"
    if len({*retired, _secret(settings, "vault_key")}) <= len(retired):
        yield f"{_variable('retired_vault_keys')}: one of them is the key in use, or is said twice"


def _wrong_in_production(settings: Settings) -> Iterator[str]:
    if len(_secret(settings, "service_token")) < TOKEN_LENGTH:
        yield f"{_variable('service_token')} is missing or shorter than {TOKEN_LENGTH} characters"
    for name in ("oidc_issuer", "oidc_jwks_url"):
        if not str(getattr(settings, name) or "").startswith("https://"):
            yield f"{_variable(name)} is missing or not https"
    for name in ("kafka", "mongo_url"):
        if name not in settings.model_fields_set:
            yield f"{_variable(name)} must be said: the default is a laptop's"
    if settings.packs_follow_folder:
        yield f"{_variable('packs_follow_folder')} lets one person publish rules: only for development and test"
    if settings.bus == "memory":
        yield f"{_variable('bus')}=memory loses the news when a process ends: only for development and test"
    of_this_machine = _read_keys(settings.local / "dev-keys.json").values()
    for name in SECRETS:
        if (secret := _secret(settings, name)) and secret in of_this_machine:
            yield f"{_variable(name)} is a development key of this machine"


def _variable(name: str) -> str:
    return f"SHAOYIN_{name.upper()}"


def _in_words(error: ErrorDetails) -> str:
    return f"{_variable(str(error['loc'][0]))}: {error['msg']}"


def _keys_of_this_machine(folder: Path) -> dict[str, str]:
    """Made once, whoever comes first; later starts, and processes starting at the same time, get the same."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dev-keys.json"
    with _alone(folder / "dev-keys.lock"):
        keys = _read_keys(file)
        missing = [name for name in SECRETS if name not in keys]
        if missing:
            keys |= {name: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() for name in missing}
            _write_private(file, json.dumps(keys, indent=2) + "\n")
    return keys


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    opened = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _read_keys(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    try:
        keys: dict[str, str] = json.loads(file.read_text("utf-8"))
    except ValueError:
        raise SettingsRefused([f"{file} cannot be read: delete it, and new keys are made"]) from None
    return keys


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, and readable by its owner alone from the first byte on."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)

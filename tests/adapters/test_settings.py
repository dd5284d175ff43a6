"""A process starts with settings that are complete and safe, or says all that is wrong at once."""

import base64
import json
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from shaoyin.adapters.settings import Settings, SettingsRefused


def a_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def production(tmp_path: Path, **changed: object) -> dict[str, object]:
    return {
        "env": "production",
        "kafka": "kafka.example:9092",
        "mongo_url": "mongodb://mongo.example/?replicaSet=rs0",
        "vault_key": a_key(),
        "id_key": a_key(),
        "ticket_key": a_key(),
        "service_token": secrets.token_urlsafe(32),
        "oidc_issuer": "https://id.example/",
        "oidc_jwks_url": "https://id.example/keys",
        "local": tmp_path,
        **changed,
    }


@pytest.fixture(autouse=True)
def _a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SHAOYIN_{name.upper()}", raising=False)


def refused(**given: object) -> str:
    with pytest.raises(SettingsRefused) as caught:
        Settings.checked(**given)
    return str(caught.value)


def test_a_laptop_needs_to_say_nothing(tmp_path: Path) -> None:
    settings = Settings.checked(local=tmp_path)

    assert settings.env == "development"
    assert settings.kafka == "127.0.0.1:9092"
    assert settings.database("intake") == "shaoyin_intake"
    assert len({settings.key("vault_key"), settings.key("id_key"), settings.key("ticket_key")}) == 3


def test_the_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAOYIN_PORT", "9000")
    monkeypatch.setenv("SHAOYIN_DATABASE_PREFIX", "tried")
    monkeypatch.setenv("SHAOYIN_LOCAL", str(tmp_path))
    monkeypatch.setenv("SHAOYIN_VAULT_KEY", "")

    settings = Settings.checked()

    assert (settings.port, settings.database("dev")) == (9000, "tried_dev")
    assert settings.vault_key is not None


def test_development_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first, second = Settings.checked(local=tmp_path), Settings.checked(local=tmp_path)

    assert first.key("vault_key") == second.key("vault_key")
    assert stat.S_IMODE((tmp_path / "dev-keys.json").stat().st_mode) == 0o600


def test_a_key_that_was_said_wins_over_the_one_of_this_machine(tmp_path: Path) -> None:
    said = a_key()

    assert Settings.checked(local=tmp_path, vault_key=said).key("vault_key") == base64.b64decode(said)


def test_a_key_file_of_an_older_release_gets_what_it_lacks_and_keeps_what_it_has(tmp_path: Path) -> None:
    kept = a_key()
    (tmp_path / "dev-keys.json").write_text(json.dumps({"vault_key": kept}))

    settings = Settings.checked(local=tmp_path)

    assert settings.key("vault_key") == base64.b64decode(kept)
    assert settings.service_token is not None


def test_a_broken_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "dev-keys.json").write_text("{")

    assert "dev-keys.json cannot be read" in refused(local=tmp_path)


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    script = "from shaoyin.adapters.settings import Settings; print(Settings.checked().key('vault_key').hex())"
    folder = Path(__file__).parents[2]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={"SHAOYIN_LOCAL": str(tmp_path), "PYTHONPATH": str(folder)},
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]

    said = [process.communicate(timeout=30)[0] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(set(said)) == 1
    assert len(said[0].strip()) == 64


def test_production_starts_with_what_it_needs(tmp_path: Path) -> None:
    assert Settings.checked(**production(tmp_path)).production


def test_rules_are_published_from_an_edited_folder_in_development_alone(tmp_path: Path) -> None:
    assert Settings(env="development").follows_folder
    assert not Settings(env="test").follows_folder
    assert not Settings.checked(**production(tmp_path)).follows_folder
    assert "SHAOYIN_PACKS_FOLLOW_FOLDER" in refused(**production(tmp_path), packs_follow_folder=True)


def test_production_without_anything_hears_all_that_is_missing_at_once(tmp_path: Path) -> None:
    message = refused(env="production", local=tmp_path, bus="memory")

    for name in ("VAULT_KEY", "ID_KEY", "TICKET_KEY", "SERVICE_TOKEN", "OIDC_ISSUER", "OIDC_JWKS_URL"):
        assert f"SHAOYIN_{name} is missing" in message
    for name in ("KAFKA", "MONGO_URL"):
        assert f"SHAOYIN_{name} must be said" in message
    assert "SHAOYIN_BUS=memory" in message
    assert not (tmp_path / "dev-keys.json").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"vault_key": "secret"}, "SHAOYIN_VAULT_KEY is not base64"),
        ({"vault_key": base64.b64encode(b"short").decode()}, "SHAOYIN_VAULT_KEY is 5 bytes long, must be 32"),
        ({"id_key": base64.b64encode(bytes(32)).decode()}, "SHAOYIN_ID_KEY is not random"),
        ({"service_token": "short"}, "SHAOYIN_SERVICE_TOKEN is missing or shorter"),
        ({"oidc_issuer": "http://id.example"}, "SHAOYIN_OIDC_ISSUER is missing or not https"),
        ({"oidc_jwks_url": None}, "SHAOYIN_OIDC_JWKS_URL is missing or not https"),
    ],
)
def test_production_refuses_what_is_unsafe(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    assert said in refused(**production(tmp_path, **changed))


def test_production_refuses_one_key_for_two_purposes(tmp_path: Path) -> None:
    key = a_key()

    assert "are the same" in refused(**production(tmp_path, vault_key=key, id_key=key))


def test_production_refuses_the_development_keys_of_the_machine_it_runs_on(tmp_path: Path) -> None:
    Settings.checked(local=tmp_path)
    made = json.loads((tmp_path / "dev-keys.json").read_text())

    message = refused(**production(tmp_path, vault_key=made["vault_key"]))

    assert "SHAOYIN_VAULT_KEY is a development key" in message


def test_an_impossible_setting_is_named_and_its_value_is_not_repeated(tmp_path: Path) -> None:
    message = refused(local=tmp_path, port=99999, mongo_url="http://user:pass@mongo")

    assert "SHAOYIN_PORT" in message
    assert "SHAOYIN_MONGO_URL" in message
    assert "pass@" not in message


def test_an_issuer_without_its_keys_is_refused_in_development_too(tmp_path: Path) -> None:
    assert "go together" in refused(local=tmp_path, oidc_issuer="http://127.0.0.1:9/")


def test_settings_never_change_and_never_print_a_secret(tmp_path: Path) -> None:
    settings = Settings.checked(**production(tmp_path, mongo_url="mongodb://user:hidden@mongo/"))

    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]  # the refusal is what is tried
    assert "hidden" not in repr(settings)
    assert settings.vault_key is not None
    assert settings.vault_key.get_secret_value() not in repr(settings)

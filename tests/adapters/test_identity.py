"""Who calls is known by a signed token, and nobody signs in on the development issuer in production."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.requests import Request

from shaoyin.adapters.clock import FakeClock, SystemClock
from shaoyin.adapters.identity import (
    DEV_ISSUER,
    TICKET_FOR,
    VALID_FOR,
    DevIssuer,
    Seen,
    bearer,
    read_ticket,
    signed_in,
    ticket,
)
from shaoyin.adapters.issuer_keys import FETCH_AGAIN_AFTER, KEPT_FOR, JwksKeys
from shaoyin.adapters.issuers import keys_of
from shaoyin.adapters.mongo import Client, Database, close, connect
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.settings import Settings

ISSUER, AUDIENCE, URL = "https://id.example/", "shaoyin", "https://id.example/keys"
KEY = hashlib.sha256(b"a ticket key of a test").digest()
NOW = datetime(2026, 9, 30, 10, 0, tzinfo=UTC)
NOWHERE: Database = {}  # type: ignore[assignment]  # any use of it would raise


@pytest.fixture
async def client(mongo_url: str, mongo_name: str) -> AsyncIterator[Client]:
    client = connect(Settings(mongo_url=mongo_url))
    yield client
    await close(client)


@pytest.fixture
def database(client: Client, mongo_name: str) -> Database:
    return client[f"{mongo_name}_dev"]


class Issuer:
    """An OIDC provider of a test: its keys, and how often it was asked for them."""

    def __init__(self) -> None:
        self.signing: dict[str, Any] = {}
        self.asked = 0
        self.status = 200

    def add(self, kid: str, key: Any) -> None:
        self.signing[kid] = key

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return httpx.Response(self.status, json={"keys": [_public(kid, key) for kid, key in self.signing.items()]})

    def token(self, kid: str, algorithm: str, **changed: object) -> str:
        now = SystemClock().now()
        claims = {"sub": "p7", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + timedelta(minutes=5)} | changed
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.signing[kid], algorithm=algorithm, headers={"kid": kid})


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Issuer:
    issuer = Issuer()
    issuer.add("one", ed25519.Ed25519PrivateKey.generate())
    real = httpx.AsyncClient
    monkeypatch.setattr(
        "shaoyin.adapters.issuer_keys.httpx.AsyncClient",
        lambda **options: real(transport=httpx.MockTransport(issuer.answer), **options),
    )
    return issuer


@pytest.fixture
def keys(issuer: Issuer) -> JwksKeys:
    return JwksKeys(URL, ISSUER, AUDIENCE)


def _public(kid: str, key: Any) -> Mapping[str, Any]:
    shapes: dict[type, Callable[..., Any]] = {
        ed25519.Ed25519PrivateKey: OKPAlgorithm.to_jwk,
        rsa.RSAPrivateKey: RSAAlgorithm.to_jwk,
        ec.EllipticCurvePrivateKey: ECAlgorithm.to_jwk,
    }
    shape = next(shape for kind, shape in shapes.items() if isinstance(key, kind))
    return {**json.loads(shape(key.public_key())), "kid": kid, "use": "sig"}


async def refused(work: Any) -> str:
    with pytest.raises(Problem) as caught:
        await work
    return f"{caught.value.status} {caught.value.code}"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (rsa.generate_private_key(65537, 2048), "PS256"),
    ],
    ids=["EdDSA", "ES256", "RS256", "PS256"],
)
async def test_a_token_of_the_issuer_names_the_person(issuer: Issuer, keys: JwksKeys, key: Any, algorithm: str) -> None:
    issuer.add("two", key)

    assert await keys.person(issuer.token("two", algorithm)) == "p7"


async def test_the_issuers_keys_are_fetched_once(issuer: Issuer, keys: JwksKeys) -> None:
    for _ in range(3):
        await keys.person(issuer.token("one", "EdDSA"))

    assert issuer.asked == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"exp": None},
        {"sub": None},
        {"sub": 7},
        {"iss": "https://other.example/"},
        {"iss": None},
        {"aud": "another-product"},
        {"aud": None},
        {"nbf": datetime(2100, 1, 1, tzinfo=UTC)},
    ],
)
async def test_a_token_that_is_late_early_or_for_somebody_else_is_refused(
    issuer: Issuer, keys: JwksKeys, changed: dict[str, object]
) -> None:
    if isinstance(changed.get("sub"), int):
        body = _unsigned_parts(issuer.token("one", "EdDSA"), sub=7)
        token = _sign(body, issuer.signing["one"])
    else:
        token = issuer.token("one", "EdDSA", **changed)

    assert await refused(keys.person(token)) == "401 signed_out"


async def test_a_token_somebody_else_signed_is_refused(issuer: Issuer, keys: JwksKeys) -> None:
    honest = issuer.token("one", "EdDSA")
    issuer_of_a_thief = Issuer()
    issuer_of_a_thief.add("one", ed25519.Ed25519PrivateKey.generate())

    assert await refused(keys.person(issuer_of_a_thief.token("one", "EdDSA"))) == "401 signed_out"
    assert await refused(keys.person(honest[:-4] + "AAAA")) == "401 signed_out"


async def test_nobody_chooses_the_algorithm_for_us(issuer: Issuer, keys: JwksKeys) -> None:
    """`none`, and an HMAC keyed with the public key: the two classic forgeries (RFC 8725, 2.1)."""
    public = json.dumps(_public("one", issuer.signing["one"])).encode()
    now = SystemClock().now()
    claims = {"sub": "p7", "iss": ISSUER, "aud": AUDIENCE, "exp": int(now.timestamp()) + 300}
    head = {"kid": "one", "typ": "JWT"}
    unsigned = ".".join([_part({**head, "alg": "none"}), _part(claims), ""])
    body = ".".join([_part({**head, "alg": "HS256"}), _part(claims)])
    hashed = f"{body}.{_text(hmac.digest(public, body.encode(), hashlib.sha256))}"

    assert await refused(keys.person(unsigned)) == "401 signed_out"
    assert await refused(keys.person(hashed)) == "401 signed_out"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é.é.é", "{}.{}.{}"])
async def test_what_is_no_token_is_refused(keys: JwksKeys, token: str) -> None:
    assert await refused(keys.person(token)) == "401 signed_out"


async def test_an_unknown_key_is_fetched_again_at_most_once_a_minute(
    issuer: Issuer, keys: JwksKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 1000.0
    monkeypatch.setattr("shaoyin.adapters.issuer_keys.time.monotonic", lambda: seconds)
    await keys.person(issuer.token("one", "EdDSA"))
    issuer.add("rotated", ed25519.Ed25519PrivateKey.generate())
    token = issuer.token("rotated", "EdDSA")

    for _ in range(5):
        assert await refused(keys.person(token)) == "401 signed_out"
    assert issuer.asked == 1

    seconds += FETCH_AGAIN_AFTER + 1
    assert await keys.person(token) == "p7"
    assert issuer.asked == 2


async def test_a_token_that_was_seen_before_still_ends_in_time(
    issuer: Issuer, keys: JwksKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token("one", "EdDSA")
    assert await keys.person(token) == "p7"
    later = time.time() + timedelta(minutes=6).total_seconds()
    monkeypatch.setattr("shaoyin.adapters.identity.time.time", lambda: later)

    assert Seen().person(token) is None
    assert keys._seen.person(token) is None


async def test_a_withdrawn_key_ends_the_tokens_that_were_seen_before(
    issuer: Issuer, keys: JwksKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 1000.0
    monkeypatch.setattr("shaoyin.adapters.issuer_keys.time.monotonic", lambda: seconds)
    token = issuer.token("one", "EdDSA")
    assert await keys.person(token) == "p7"
    del issuer.signing["one"]
    issuer.add("two", ed25519.Ed25519PrivateKey.generate())
    assert await keys.person(token) == "p7", "the keys are not old yet"

    seconds += KEPT_FOR + 1

    assert await refused(keys.person(token)) == "401 signed_out"


def test_only_so_many_tokens_are_remembered_and_the_oldest_is_forgotten_first() -> None:
    seen, ends_at = Seen(most=2), time.time() + 60
    for number in range(3):
        seen.keep(f"token-{number}", {"sub": f"p{number}", "exp": ends_at})

    assert [seen.person(f"token-{number}") for number in range(3)] == [None, "p1", "p2"]


async def test_an_issuer_that_is_away_is_our_trouble_and_not_the_callers(issuer: Issuer, keys: JwksKeys) -> None:
    issuer.status = 500

    with pytest.raises(Problem) as caught:
        await keys.person(issuer.token("one", "EdDSA"))

    assert (caught.value.status, caught.value.code) == (503, "engine_away")
    assert "Retry-After" in caught.value.headers


@pytest.mark.engines
async def test_who_was_signed_in_by_one_process_is_known_to_the_others(database: Database) -> None:
    settings = Settings(env="test")
    router, notify = (DevIssuer(settings, database, SystemClock()) for _ in range(2))

    assert await notify.person(await router.sign("p7")) == "p7"
    assert await router.person(await notify.sign("p8")) == "p8"


@pytest.mark.engines
async def test_processes_that_start_at_once_agree_on_the_issuers_key(database: Database) -> None:
    issuers = [DevIssuer(Settings(env="test"), database, SystemClock()) for _ in range(5)]

    tokens = await asyncio.gather(*(issuer.sign("p7") for issuer in issuers))

    assert {await issuers[0].person(token) for token in tokens} == {"p7"}
    assert await database["keys"].count_documents({}) == 1


@pytest.mark.engines
async def test_a_development_sign_in_ends_after_twelve_hours(database: Database) -> None:
    yesterday = FakeClock(SystemClock().now() - VALID_FOR - timedelta(seconds=2))
    long_ago = DevIssuer(Settings(env="test"), database, yesterday)
    token = await long_ago.sign("p7")

    assert await refused(long_ago.person(token)) == "401 signed_out"
    yesterday.forward(timedelta(hours=1))
    assert await long_ago.person(await long_ago.sign("p7")) == "p7"


@pytest.mark.engines
async def test_the_development_issuer_believes_only_itself(database: Database) -> None:
    issuer = DevIssuer(Settings(env="test"), database, SystemClock())
    await issuer.sign("p7")
    forged = jwt.encode(
        {"sub": "p7", "iss": DEV_ISSUER, "aud": "shaoyin", "exp": SystemClock().now() + VALID_FOR},
        ed25519.Ed25519PrivateKey.generate(),
        algorithm="EdDSA",
    )

    assert await refused(issuer.person(forged)) == "401 signed_out"


def test_the_development_issuer_does_not_exist_in_production() -> None:
    with pytest.raises(ValueError, match="does not exist in production"):
        DevIssuer(Settings(env="production"), NOWHERE, SystemClock())
    with pytest.raises(ValueError, match="does not exist in production"):
        keys_of(Settings(env="production"), NOWHERE)


def test_a_configured_issuer_leaves_no_built_in_one_beside_it() -> None:
    keys, built_in = keys_of(Settings(env="test", oidc_issuer=ISSUER, oidc_jwks_url=URL), NOWHERE)

    assert isinstance(keys, JwksKeys)
    assert built_in is None


def test_without_a_configured_issuer_development_has_the_built_in_one() -> None:
    keys, built_in = keys_of(Settings(env="test"), NOWHERE)

    assert isinstance(keys, DevIssuer)
    assert built_in is keys


def asked(**headers: str) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


async def test_a_bearer_token_is_taken_from_its_header(issuer: Issuer, keys: JwksKeys) -> None:
    token = issuer.token("one", "EdDSA")

    assert bearer(asked(Authorization=f"bearer  {token} ")) == token
    assert await signed_in(asked(Authorization=f"Bearer {token}"), keys) == "p7"


@pytest.mark.parametrize("said", [None, "", "Bearer", "Bearer ", "Basic dTpw", "token"])
def test_without_a_bearer_token_the_caller_is_told_which_kind_is_wanted(said: str | None) -> None:
    with pytest.raises(Problem) as caught:
        bearer(asked() if said is None else asked(Authorization=said))

    assert (caught.value.status, caught.value.code) == (401, "signed_out")
    assert caught.value.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("person", ["p7", "阿依古丽", "a|b.c"])
def test_a_ticket_opens_a_stream_for_its_person_and_not_for_long(person: str) -> None:
    said = ticket(person, KEY, NOW)

    assert read_ticket(said, KEY, NOW) == person
    assert read_ticket(said, KEY, NOW + TICKET_FOR) == person
    with pytest.raises(Problem, match="signed_out"):
        read_ticket(said, KEY, NOW + TICKET_FOR + timedelta(seconds=1))


def test_a_ticket_can_be_written_into_an_address() -> None:
    assert httpx.URL("http://h/", params={"ticket": ticket("阿依古丽", KEY, NOW)}).query.isascii()
    assert not set(ticket("p7", KEY, NOW)) & set("+/=&%")


def test_a_ticket_that_was_changed_or_signed_elsewhere_is_refused() -> None:
    said = ticket("p7", KEY, NOW)
    claims, sign = said.split(".")
    other = _text(json.dumps(["p8", int(NOW.timestamp()) + 30]).encode())

    for forged in (f"{other}.{sign}", f"{claims}.{sign[:-2]}AA", claims, f".{sign}", "", "a.b", "é.é", f"{claims}."):
        with pytest.raises(Problem, match="signed_out"):
            read_ticket(forged, KEY, NOW)
    with pytest.raises(Problem, match="signed_out"):
        read_ticket(said, KEY[::-1], NOW)


def _unsigned_parts(token: str, **changed: object) -> str:
    head, claims, _ = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{head}.{_part({**told, **changed})}"


def _sign(body: str, key: ed25519.Ed25519PrivateKey) -> str:
    return f"{body}.{_text(key.sign(body.encode()))}"


def _part(told: Mapping[str, object]) -> str:
    return _text(json.dumps(told).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

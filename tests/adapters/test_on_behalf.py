"""What notify signs for a tap on a link: good for one call and a minute, and nothing else is taken for it."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self

import jwt
import pytest
from starlette.requests import Request

from shaoyin.adapters.identity import KeysAndTaps, on_behalf_of, signed_in
from shaoyin.adapters.on_behalf import AHEAD, ALGORITHM, ISSUER, TYPE, VALID_FOR, NotOnBehalf, OnBehalf, is_on_behalf
from shaoyin.adapters.problem import Problem
from shaoyin.adapters.settings import Settings

SECRET, AUDIENCE = "a secret that all services of a test share", "shaoyin"
PATH = "/api/cases/c1/commands/sign_for"
CALL = f"POST {PATH}"
NOW = datetime(2026, 9, 30, 2, 13, tzinfo=UTC)
OURS = hmac.digest(SECRET.encode(), b"shaoyin on behalf 1", "sha256")
GOOD: dict[str, Any] = {
    "sub": "p7", "call": CALL, "act": {"sub": ISSUER}, "alert_id": "a1", "iss": ISSUER, "aud": AUDIENCE, "iat": NOW,
    "exp": NOW + VALID_FOR,
}  # fmt: skip


class _Any(type):
    def __instancecheck__(cls, found: object) -> bool:
        return isinstance(found, datetime)


class At(datetime, metaclass=_Any):
    """The time at which the tokens of these tests were made, however long the run takes to come to them."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(NOW.timestamp(), tz)


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jwt.api_jwt.datetime", At)


class IssuersKeys:
    """Says what it was asked, and believes one token."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def person(self, token: str) -> str:
        self.asked.append(token)
        if token != "of the issuer":
            raise Problem(401, "signed_out")
        return "p1"


@pytest.fixture
def issuer() -> IssuersKeys:
    return IssuersKeys()


@pytest.fixture
def keys(issuer: IssuersKeys) -> KeysAndTaps:
    return KeysAndTaps(issuer, OnBehalf(SECRET, AUDIENCE))


def calling(token: str, path: str = PATH, method: str = "POST") -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode())]
    return Request({"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers})


def signed(changed: dict[str, Any], key: bytes = OURS, typ: str = TYPE, without: str = "") -> str:
    claims = {name: value for name, value in (GOOD | changed).items() if name != without}
    return jwt.encode(claims, key, ALGORITHM, {"typ": typ})


async def refused(request: Request, keys: KeysAndTaps) -> tuple[int, str]:
    with pytest.raises(Problem) as found:
        await signed_in(request, keys)
    return found.value.status, found.value.code


async def test_it_speaks_for_the_person_in_the_call_that_it_names(keys: KeysAndTaps, issuer: IssuersKeys) -> None:
    token = OnBehalf(SECRET, AUDIENCE).sign("p7", CALL, "a1", NOW)

    assert await signed_in(calling(token), keys) == "p7"
    assert await signed_in(calling(signed({})), keys) == "p7"
    assert issuer.asked == []


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (PATH, "GET"), (PATH, "PUT"), ("/api/cases/c2/commands/sign_for", "POST"),
        ("/api/cases/c1/commands/close", "POST"), ("/api/cases", "POST"), ("/api/preferences", "PUT"),
        (f"{PATH}/", "POST"), (PATH.upper(), "POST"),
    ],
)  # fmt: skip
async def test_in_any_other_call_it_speaks_for_nobody(keys: KeysAndTaps, path: str, method: str) -> None:
    token = OnBehalf(SECRET, AUDIENCE).sign("p7", CALL, "a1", NOW)

    assert await refused(calling(token, path, method), keys) == (401, "signed_out")


@pytest.mark.parametrize(
    "token",
    [
        signed({}, key=b"another key of thirty-two bytes!"),
        signed({}, key=SECRET.encode()),
        signed({}, typ="JWT"),
        signed({}, typ="at+jwt"),
        signed({"iat": NOW - timedelta(minutes=5), "exp": NOW - timedelta(minutes=4)}),
        signed({"iat": NOW + timedelta(minutes=5), "exp": NOW + timedelta(minutes=6)}),
        signed({"exp": NOW + timedelta(days=1)}),
        signed({"iss": "shaoyin-development"}),
        signed({"aud": "another product"}),
        signed({"act": {"sub": "intake"}}),
        signed({"act": "notify"}),
        signed({"call": "*"}),
        signed({"call": ["POST /api/cases/c1/commands/sign_for"]}),
        *(signed({}, without=each) for each in ("exp", "iat", "sub", "iss", "aud", "call", "act")),
    ],
)
async def test_what_is_forged_too_old_or_of_another_purpose_speaks_for_nobody(keys: KeysAndTaps, token: str) -> None:
    assert await refused(calling(token), keys) == (401, "signed_out")


async def test_it_cannot_be_signed_by_nobody(keys: KeysAndTaps) -> None:
    def text(part: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")

    claims = GOOD | {"iat": int(NOW.timestamp()), "exp": int((NOW + VALID_FOR).timestamp())}
    unsigned = f"{text({'alg': 'none', 'typ': TYPE})}.{text(claims)}."

    assert is_on_behalf(unsigned)
    assert await refused(calling(unsigned), keys) == (401, "signed_out")


async def test_a_whole_tampered_token_is_refused(keys: KeysAndTaps) -> None:
    head, claims, sign = signed({}).split(".")
    other = signed({"sub": "p8"}).split(".")[1]

    for token in (f"{head}.{other}.{sign}", f"{head}.{claims}.", f"{head}.{claims}", f"{head}..{sign}"):
        assert await refused(calling(token), keys) == (401, "signed_out")


async def test_an_issuers_token_goes_to_the_issuers_keys_alone(keys: KeysAndTaps, issuer: IssuersKeys) -> None:
    assert await signed_in(calling("of the issuer"), keys) == "p1"
    assert await keys.person("of the issuer") == "p1"
    assert issuer.asked == ["of the issuer"] * 2


async def test_where_no_call_can_be_compared_it_counts_for_nothing(keys: KeysAndTaps) -> None:
    with pytest.raises(Problem, match="signed_out"):
        await keys.person(signed({}))


def test_a_ticket_or_any_other_word_is_not_one() -> None:
    on_behalf = OnBehalf(SECRET, AUDIENCE)
    for word in ("", "a.b", "a.b.c", "…", signed({}, typ="JWT")):
        assert not is_on_behalf(word)
        with pytest.raises(NotOnBehalf):
            on_behalf.person(word, CALL)


def test_the_clocks_of_two_machines_may_differ_a_little() -> None:
    on_behalf = OnBehalf(SECRET, AUDIENCE)

    assert on_behalf.person(on_behalf.sign("p7", CALL, "a1", NOW + AHEAD / 2), CALL) == "p7"


def test_without_a_shared_secret_nobody_is_believed() -> None:
    with pytest.raises(ValueError, match="secret"):
        on_behalf_of(Settings(env="test"))

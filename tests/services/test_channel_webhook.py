"""The webhook: signed as the standard's receivers check it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from pydantic import SecretStr

from services.notify.channels.keys import WrongKey
from services.notify.channels.webhook import Webhook, signature
from shaoyin.adapters.clock import Clock, FakeClock, SystemClock
from tests.fakes.provider import HTML, Provider, answer, running
from tests.fakes.webhook_receiver import Receiver
from tests.services.channel_setup import FAILURES, a_message

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
KEYS = [SecretStr(f"whsec_{OLD}"), SecretStr(f"whsec_{NEW}")]


def receiver(key: str) -> Provider:
    return Provider(Receiver(key).takes)


def test_the_standards_own_example_is_signed_alike() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("key", [OLD, NEW])
async def test_while_keys_change_a_receiver_with_either_takes_it(key: str) -> None:
    assert await _said(receiver(key)) == ("accepted", "http_204", None)


async def test_a_receiver_with_another_key_makes_it_a_bad_key() -> None:
    assert await _said(receiver(base64.b64encode(bytes(32)).decode())) == ("bad_key", "http_401", None)


async def test_an_attempt_with_an_old_time_is_not_taken() -> None:
    old = FakeClock(SystemClock().now() - timedelta(minutes=6))
    assert await _said(receiver(NEW), old) == ("refused", "http_400", None)


async def test_the_same_message_twice_is_one_for_the_receiver() -> None:
    there = Receiver(NEW)
    for _ in range(2):
        assert await _said(Provider(there.takes)) == ("accepted", "http_204", None)
    assert list(there.taken) == ["alert-1"]


@pytest.mark.parametrize("what", FAILURES)
async def test_each_failure_is_said_as_it_is(what: str) -> None:
    failing, expected = FAILURES[what]
    assert await _said(Provider(lambda _: failing)) == expected


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        (answer(410), ("unknown_address", "http_410", None)),
        (answer(404), ("retry", "http_404", None)),
        (HTML, ("accepted", "http_200", None)),
    ],
)
async def test_the_status_alone_is_the_receivers_word(
    failing: bytes, expected: tuple[str, str, timedelta | None]
) -> None:
    assert await _said(Provider(lambda _: failing)) == expected


async def _said(provider: Provider, clock: Clock | None = None) -> tuple[str, str, timedelta | None]:
    sender = Webhook(KEYS, inside=True, clock=clock)
    async with running(provider) as there:
        said = await sender.send(a_message(), f"{there.url}/hook")
    await sender.close()
    return said.became, said.code, said.retry_after


@pytest.mark.parametrize("key", ["", OLD, "whsec_c2hvcnQ=", "whsec_???"])
def test_a_key_of_the_wrong_form_names_its_setting(key: str) -> None:
    with pytest.raises(WrongKey) as refused:
        Webhook([SecretStr(key)])
    assert refused.value.setting == "webhook_keys"

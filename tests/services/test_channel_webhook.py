"""The webhook: signed as the standard's receivers check it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from pydantic import SecretStr

from services.notify.channels.keys import WrongKey
from services.notify.channels.webhook import Webhook, signature
from tests.fakes.provider import HTML, Asked, Provider, answer, running
from tests.services.channel_setup import FAILURES, a_message

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
KEYS = [SecretStr(f"whsec_{OLD}"), SecretStr(f"whsec_{NEW}")]


def receiver(key: str) -> Provider:
    def takes(asked: Asked) -> bytes:
        sent = asked.headers
        own = signature(base64.b64decode(key), sent["webhook-id"], int(sent["webhook-timestamp"]), asked.body)
        return answer(204) if own in sent["webhook-signature"].split(" ") else answer(401)

    return Provider(takes)


def test_the_standards_own_example_is_signed_alike() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("key", [OLD, NEW])
async def test_while_keys_change_a_receiver_with_either_takes_it(key: str) -> None:
    assert await _said(receiver(key)) == ("accepted", "http_204", None)


async def test_a_receiver_with_another_key_makes_it_a_bad_key() -> None:
    assert await _said(receiver(base64.b64encode(bytes(32)).decode())) == ("bad_key", "http_401", None)


@pytest.mark.parametrize("what", FAILURES)
async def test_each_failure_is_said_as_it_is(what: str) -> None:
    failing, expected = FAILURES[what]
    assert await _said(Provider(lambda _: failing)) == expected


@pytest.mark.parametrize(
    ("failing", "expected"),
    [(answer(410), ("unknown_address", "http_410", None)), (HTML, ("accepted", "http_200", None))],
)
async def test_the_status_alone_is_the_receivers_word(
    failing: bytes, expected: tuple[str, str, timedelta | None]
) -> None:
    assert await _said(Provider(lambda _: failing)) == expected


async def _said(provider: Provider) -> tuple[str, str, timedelta | None]:
    sender = Webhook(KEYS, inside=True)
    async with running(provider) as there:
        said = await sender.send(a_message(), f"{there.url}/hook")
    await sender.close()
    return said.became, said.code, said.retry_after


@pytest.mark.parametrize("key", ["", OLD, "whsec_c2hvcnQ=", "whsec_???"])
def test_a_key_of_the_wrong_form_names_its_setting(key: str) -> None:
    with pytest.raises(WrongKey) as refused:
        Webhook([SecretStr(key)])
    assert refused.value.setting == "webhook_keys"

"""Web Push: what a push service and a browser make of it, and what is said of each answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, derive_private_key
from pydantic import SecretStr

from services.notify.channels import calls
from services.notify.channels.keys import WrongKey, from_base64, url_safe
from services.notify.channels.push_encryption import encrypted
from services.notify.channels.web_push import WebPush, subscription, topic
from shaoyin.adapters.clock import FakeClock, SystemClock
from tests.fakes.provider import EMPTY, HTML, Provider, answer, running
from tests.fakes.push_service import Browser
from tests.services.channel_setup import FAILURES, a_message

KEY = SecretStr(url_safe(bytes(range(1, 33))))


def a_sender() -> WebPush:
    return WebPush(KEY, "mailto:desk@shaoyin.example", inside=True)


def raw(text: str) -> bytes:
    return from_base64(text) or b""


def test_the_example_of_rfc_8291_is_encrypted_to_the_byte() -> None:
    sender = derive_private_key(int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), SECP256R1())
    point = raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    receiver = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)

    body = encrypted(
        b"When I grow up, I want to be a watermelon", receiver, raw("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"), sender=sender,
    )  # fmt: skip

    assert url_safe(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7"
        "A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


async def test_a_browser_reads_what_the_push_service_took() -> None:
    sender = a_sender()
    browser = Browser(sender.public_key)
    async with running(Provider(browser.takes)) as service:
        said = await sender.send(a_message(), browser.subscription(service.url))

    assert (said.became, said.code) == ("accepted", "http_201")
    assert browser.received[0]["title"] == "哨声 B-0001"
    headers = service.asked[0].headers
    assert 1790 <= int(headers["ttl"]) <= 1800
    assert (headers["urgency"], headers["topic"]) == ("high", topic("alert-1"))
    await sender.close()


async def test_one_signature_is_good_for_a_service_for_an_hour() -> None:
    clock = FakeClock(SystemClock().now())
    sender = WebPush(KEY, "mailto:desk@shaoyin.example", inside=True, clock=clock, told=SystemClock())
    browser = Browser(sender.public_key)
    async with running(Provider(browser.takes)) as service, running(Provider(browser.takes)) as other:
        for minutes, to in ((0, service), (59, service), (0, other), (1, service)):
            clock.forward(timedelta(minutes=minutes))
            said = await sender.send(a_message(), browser.subscription(to.url))
            assert said.became == "accepted"
    await sender.close()

    first, again, later = (asked.headers["authorization"] for asked in service.asked)
    assert first == again
    assert later not in (first, other.asked[0].headers["authorization"])


@pytest.mark.parametrize("what", FAILURES)
async def test_each_failure_is_said_as_it_is(what: str) -> None:
    failing, expected = FAILURES[what]
    assert await _said_to(failing) == expected


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        (answer(404), ("unknown_address", "http_404", None)),
        (answer(410), ("unknown_address", "http_410", None)),
        (answer(413), ("refused", "http_413", None)),
        (answer(401), ("bad_key", "http_401", None)),
        (answer(403), ("bad_key", "http_403", None)),
        (HTML, ("retry", "http_200", None)),
        (EMPTY, ("retry", "http_200", None)),
    ],
)
async def test_a_push_service_says_gone_too_long_or_bad_key(
    failing: bytes, expected: tuple[str, str, timedelta | None]
) -> None:
    assert await _said_to(failing) == expected


async def _said_to(failing: bytes) -> tuple[str, str, timedelta | None]:
    sender = a_sender()
    browser = Browser(sender.public_key)
    async with running(Provider(browser.takes, failing=failing)) as service:
        said = await sender.send(a_message(), browser.subscription(service.url))
    await sender.close()
    return said.became, said.code, said.retry_after


async def test_a_service_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "WITHIN", timedelta(milliseconds=50))
    sender = a_sender()
    browser = Browser(sender.public_key)
    async with running(Provider(browser.takes, silent=True)) as service:
        said = await sender.send(a_message(), browser.subscription(service.url))
    assert (said.became, said.code) == ("retry", "timeout")
    await sender.close()


async def test_a_subscription_made_for_another_key_is_a_bad_key() -> None:
    sender = a_sender()
    browser = Browser("another")
    async with running(Provider(browser.takes)) as service:
        said = await sender.send(a_message(), browser.subscription(service.url))
    assert (said.became, browser.received) == ("bad_key", [])
    await sender.close()


async def test_a_long_body_gives_way_to_the_short_form() -> None:
    sender = a_sender()
    browser = Browser(sender.public_key)
    async with running(Provider(browser.takes)) as service:
        said = await sender.send(a_message(body="长" * 2000), browser.subscription(service.url))
    assert said.became == "accepted"
    assert browser.received[0]["body"] == "B-0001 城河街 12 号 18:00 前到场"
    assert browser.received[0]["link"] == "https://shaoyin.example/c/1"
    await sender.close()


async def test_what_is_worth_nothing_any_more_is_not_sent() -> None:
    sender = a_sender()
    browser = Browser(sender.public_key)
    async with running(Provider(browser.takes)) as service:
        said = await sender.send(a_message(minutes=-1), browser.subscription(service.url))
    assert (said.became, said.code, service.asked) == ("refused", "too_late", [])
    await sender.close()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"endpoint": "http://push.example/1"}, "address_not_https"),
        ({"endpoint": "https://10.0.0.1/1"}, "address_not_public"),
        ({"auth": url_safe(b"short")}, "subscription_key"),
        ({"p256dh": url_safe(b"\x04" + bytes(63))}, "subscription_key"),
        ({"p256dh": url_safe(b"\x04" + bytes(64))}, "subscription_key"),
    ],
)
def test_an_unusable_subscription_is_refused_before_sending(changed: dict[str, str], code: str) -> None:
    read = json.loads(Browser("").subscription("https://push.example"))
    address = json.dumps({"endpoint": read["endpoint"], **read["keys"], **changed})
    assert getattr(subscription(address), "code", None) == code


@pytest.mark.parametrize("key", ["", "abc", url_safe(bytes(31)), url_safe(bytes(32))])
def test_a_key_of_the_wrong_length_names_its_setting_and_not_its_value(key: str) -> None:
    with pytest.raises(WrongKey) as refused:
        WebPush(SecretStr(key), "mailto:desk@shaoyin.example")
    assert refused.value.setting == "web_push_key"
    assert not key or key not in str(refused.value)

"""Nobody makes the service call its own network by giving it an address."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from services.notify.channels.safe_address import is_public, wrong_with


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "224.0.0.1",
     "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1",
     "2002:7f00:1::", "ff02::1"],
)  # fmt: skip
def test_no_inner_address_is_public_in_any_form(ip: str) -> None:
    assert not is_public(ip_address(ip))


@pytest.mark.parametrize("ip", ["8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses_are_public(ip: str) -> None:
    assert is_public(ip_address(ip))


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://push.example/1", None),
        ("https://push.example:443/1", None),
        ("http://push.example/1", "address_not_https"),
        ("file:///etc/passwd", "address_not_readable"),
        ("https://push.example:27017/", "address_port"),
        ("https://user:word@push.example/", "address_not_readable"),
        ("https://[::ffff:127.0.0.1]/", "address_not_public"),
        ("https://127.0.0.1/", "address_not_public"),
        ("https://", "address_not_readable"),
        ("not an address", "address_not_readable"),
    ],
)
def test_what_an_address_says_of_itself(url: str, wrong: str | None) -> None:
    assert wrong_with(url) == wrong

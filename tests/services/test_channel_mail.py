"""Letters to a real server on a local port: what arrives, and what is said of everything that can go wrong."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from services.notify.channels.keys import WrongKey
from services.notify.channels.limits import Limits
from services.notify.channels.mail import Mail, MailSettings
from services.notify.channels.sender import Became, Message, Said
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.logs import log_to_stderr
from tests.fakes.smtp import CUT, PASSWORD, SILENT, USERNAME, Smtp, smtp_running
from tests.fakes.tls import Tls
from tests.services.channel_setup import a_message
from tests.services.chat_setup import START

ADDRESS = "anon01@shaoyin.example"
Security = Literal["tls", "starttls", "none"]
SETTINGS = MailSettings("localhost", 465, USERNAME, username=USERNAME, password=SecretStr(PASSWORD))
MINUTE = timedelta(minutes=1)


@dataclass
class Post:
    mail: Mail
    smtp: Smtp
    clock: FakeClock

    async def send(self, message: Message | None = None, address: str = ADDRESS) -> Said:
        return await self.mail.send(message or a_message(), address)


@asynccontextmanager
async def posting(
    folder: Path, security: Security = "starttls", *, key: str = PASSWORD, trusting: str = "localhost"
) -> AsyncIterator[Post]:
    """`trusting`: the name for which the server has a certificate."""
    clock, tls = FakeClock(START), Tls(folder)
    smtp = Smtp(clock, tls=tls.context(trusting))
    async with smtp_running(smtp, from_the_first_byte=security == "tls"):
        settings = replace(SETTINGS, port=smtp.port, security=security, password=SecretStr(key))
        yield Post(Mail(settings, trusted=tls.trusted, clock=clock), smtp, clock)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_letter_arrives_with_its_link_and_nothing_was_said_in_the_clear(
    tmp_path: Path, security: Security
) -> None:
    async with posting(tmp_path, security) as post:
        assert await post.send() == Said("accepted", "250")
        (letter,) = post.smtp.received
        assert letter["Subject"] == "哨声 B-0001"
        assert (letter["From"], letter["To"]) == (f"哨音 <{USERNAME}>", ADDRESS)
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter["Date"] == "Wed, 30 Sep 2026 02:13:00 +0000"
        assert letter.get_content().splitlines() == [
            "哨声 B-0001", "城河街 12 号 2 单元下水道堵塞,请在 18:00 前到场。", "https://shaoyin.example/c/1",
        ]  # fmt: skip
        clear = ["EHLO shaoyin.example", "STARTTLS"] if security == "starttls" else []
        assert post.smtp.in_the_clear == clear
        assert post.smtp.asked[-1] == "QUIT"


async def test_every_try_has_the_same_message_id_and_no_other_letter_has_it(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        post.smtp.mailboxes.add("anon02@shaoyin.example")
        await post.send()
        await post.send()
        await post.send(replace(a_message(), message_id="alert-2"))
        await post.send(address="anon02@shaoyin.example")
        first, again, other, another = (letter["Message-ID"] for letter in post.smtp.received)
        assert first == again
        assert len({first, other, another}) == 3
        assert first.endswith("@shaoyin.example>")
        assert "anon01" not in first


async def test_a_title_can_bring_in_no_header_and_a_long_one_is_cut(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        await post.send(replace(a_message(), title="哨声\r\nBcc: someone@example.org\n" + "长" * 200))
        (letter,) = post.smtp.received
        assert letter["Bcc"] is None
        assert letter["Subject"].startswith("哨声 Bcc: someone@example.org 长长")
        assert letter["Subject"].endswith("长…")


async def test_a_line_that_is_a_dot_does_not_end_the_letter(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        await post.send(a_message(body="一\n.\n..\n二"))
        assert post.smtp.received[0].get_content().splitlines()[1:5] == ["一", ".", "..", "二"]


REPLIES: dict[tuple[str, str], tuple[Became, str, timedelta | None]] = {
    ("banner", "421 4.3.2 closing"): ("retry", "421 4.3.2", None),
    ("banner", "554 no service"): ("bad_key", "554", None),
    ("banner", CUT): ("retry", "cut", None),
    ("banner", "HTTP/1.1 400 Bad Request"): ("retry", "not_smtp", None),
    ("banner", "<html>"): ("retry", "not_smtp", None),
    ("EHLO", "502 5.5.1 no"): ("bad_key", "502 5.5.1", None),
    ("EHLO", CUT): ("retry", "cut", None),
    ("STARTTLS", "454 4.7.0 not now"): ("retry", "454 4.7.0", None),
    ("STARTTLS", CUT): ("retry", "cut", None),
    ("AUTH", "454 4.7.0 not now"): ("retry", "454 4.7.0", None),
    ("AUTH", "535 5.7.8 no"): ("bad_key", "535 5.7.8", None),
    ("AUTH", "534 5.7.9 too weak"): ("bad_key", "534 5.7.9", None),
    ("AUTH", CUT): ("retry", "cut", None),
    ("MAIL", "421 4.7.0 too much"): ("retry", "421 4.7.0", None),
    ("MAIL", "452 4.3.1 full"): ("retry", "452 4.3.1", None),
    ("MAIL", "550 5.7.1 not with this sender"): ("bad_key", "550 5.7.1", None),
    ("MAIL", "553 no"): ("bad_key", "553", None),
    ("MAIL", "552 5.3.4 too big"): ("refused", "552 5.3.4", None),
    ("RCPT", "450 4.2.1 busy"): ("retry", "450 4.2.1", None),
    ("RCPT", "450 4.7.1 come again"): ("retry", "450 4.7.1", 5 * MINUTE),
    ("RCPT", "451 Graylisted"): ("retry", "451", 5 * MINUTE),
    ("RCPT", "452 4.2.2 full"): ("retry", "452 4.2.2", None),
    ("RCPT", "550 no such user"): ("unknown_address", "550", None),
    ("RCPT", f"550 5.1.1 <{ADDRESS}>"): ("unknown_address", "550 5.1.1", None),
    ("RCPT", "550 5.2.1 disabled"): ("unknown_address", "550 5.2.1", None),
    ("RCPT", "551 moved"): ("unknown_address", "551", None),
    ("RCPT", "553 not a mailbox"): ("unknown_address", "553", None),
    ("RCPT", "552 5.2.2 full"): ("refused", "552 5.2.2", None),
    ("RCPT", "554 5.7.1 policy"): ("refused", "554 5.7.1", None),
    ("RCPT", "530 5.7.0 sign in"): ("bad_key", "530 5.7.0", None),
    ("RCPT", "550 4.1.1 of two minds"): ("unknown_address", "550", None),
    ("RCPT", "999 5.1.1 none of the kind"): ("retry", "not_smtp", None),
    ("RCPT", CUT): ("retry", "cut", None),
    ("DATA", "451 4.3.0 not now"): ("retry", "451 4.3.0", None),
    ("DATA", "554 5.7.1 no"): ("refused", "554 5.7.1", None),
    (".", "451 4.3.0 not now"): ("retry", "451 4.3.0", None),
    (".", "550 5.7.1 spam"): ("refused", "550 5.7.1", None),
    (".", "554 5.6.0 no"): ("refused", "554 5.6.0", None),
}


@pytest.mark.parametrize(("step", "reply"), REPLIES)
async def test_each_reply_is_said_as_it_is(tmp_path: Path, step: str, reply: str) -> None:
    async with posting(tmp_path) as post:
        post.smtp.failing = {step: reply}
        said = await post.send()
        assert (said.became, said.code, said.retry_after) == REPLIES[step, reply]
        assert post.smtp.received == []


async def test_a_letter_that_may_have_arrived_before_the_cut_is_tried_again_under_the_same_id(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        post.smtp.failing = {".": CUT}
        assert await post.send() == Said("retry", "cut")
        post.smtp.failing = {}
        assert await post.send() == Said("accepted", "250")
        assert len({letter["Message-ID"] for letter in post.smtp.received}) == 1


@pytest.mark.parametrize("reply", [CUT, SILENT, "500 what"])
async def test_however_the_server_parts_the_letter_is_accepted(tmp_path: Path, reply: str) -> None:
    async with posting(tmp_path) as post:
        post.smtp.failing = {"QUIT": reply}
        assert await post.send() == Said("accepted", "250")


@pytest.mark.parametrize("step", ["banner", "EHLO", "STARTTLS", "AUTH", "RCPT", "."])
async def test_a_server_that_says_nothing_is_a_timeout(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notify.channels.mail.WITHIN", timedelta(seconds=0.2))
    async with posting(tmp_path) as post:
        post.smtp.failing = {step: SILENT}
        assert await post.send() == Said("retry", "timeout")


async def test_a_server_that_is_not_there_is_no_connection() -> None:
    mail = Mail(replace(SETTINGS, host="127.0.0.1", port=1))
    assert await mail.send(a_message(), ADDRESS) == Said("retry", "no_connection")
    await mail.close()


async def test_whoever_greylists_takes_the_letter_the_next_time(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        post.smtp.greylists = True
        said = await post.send()
        assert said == Said("retry", "451 4.7.1", 5 * MINUTE)
        assert said.retry_after is not None
        post.clock.forward(said.retry_after)
        assert (await post.send()).became == "accepted"


async def test_another_password_is_a_bad_key(tmp_path: Path) -> None:
    async with posting(tmp_path, key="another") as post:
        assert await post.send() == Said("bad_key", "535 5.7.8")


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_with_anothers_certificate_gets_neither_password_nor_letter(
    tmp_path: Path, security: Security
) -> None:
    async with posting(tmp_path, security, trusting="other.example") as post:
        assert await post.send() == Said("retry", "certificate")
        assert not [line for line in post.smtp.asked if line.startswith(("AUTH", "MAIL"))]


async def test_where_no_starttls_is_offered_nothing_is_said_in_the_clear(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        post.smtp.offers_starttls = False
        assert await post.send() == Said("retry", "no_starttls")
        assert post.smtp.asked == ["EHLO shaoyin.example"]


async def test_a_server_that_speaks_no_tls_where_it_should_is_told_nothing() -> None:
    smtp = Smtp(FakeClock(START))
    async with smtp_running(smtp):
        assert await Mail(replace(SETTINGS, port=smtp.port)).send(a_message(), ADDRESS) == Said("retry", "no_tls")
        assert smtp.asked == []


async def test_a_server_without_sign_in_is_for_the_operator_to_mend(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        post.smtp.offers_auth = False
        assert await post.send() == Said("bad_key", "no_auth")


async def test_a_server_on_this_machine_may_want_neither_tls_nor_sign_in() -> None:
    smtp = Smtp(FakeClock(START), offers_auth=False)
    async with smtp_running(smtp):
        mail = Mail(MailSettings("127.0.0.1", smtp.port, USERNAME, security="none"))
        assert await mail.send(a_message(), ADDRESS) == Said("accepted", "250")
        assert len(smtp.received) == 1


@pytest.mark.parametrize(
    "address",
    [
        "", "anon01", "anon01@", "@shaoyin.example", "anon01@localhost", "a b@shaoyin.example", "a@b.c,d@e.fg",
        "anon01@shaoyin.example\r\nRCPT TO:<x@y.example>", "<anon01@shaoyin.example>", "=?x@shaoyin.example",
        "张三@shaoyin.example", "a" * 65 + "@shaoyin.example", "a@" + "b." * 130 + "example",
        ".x@shaoyin.example", "x.@shaoyin.example", "x..y@shaoyin.example", "x@-y.example", "x@y-.example",
    ],
)  # fmt: skip
async def test_what_is_no_mailbox_is_never_asked_for_and_needs_no_quota(tmp_path: Path, address: str) -> None:
    async with posting(tmp_path) as post:
        refused = await post.mail.send(a_message(), address)
        assert (refused.became, refused.code) == ("unknown_address", "mailbox_form")
        assert post.mail.quotas(address) == ()
        assert post.smtp.asked == []


@pytest.mark.parametrize(
    "address", ["a.b+c@x.example", "o'brien@x-y.example", "-x_@1.example", "a" * 64 + "@x.example"]
)
async def test_a_mailbox_may_have_signs_and_dots(tmp_path: Path, address: str) -> None:
    async with posting(tmp_path) as post:
        post.smtp.mailboxes.add(address)
        assert (await post.send(address=address)).became == "accepted"
        assert post.smtp.received[0]["To"] == address


async def test_a_message_whose_link_is_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        refused = await post.send(replace(a_message(), link="https://shaoyin.example/" + "c" * 70_000))
        assert (refused.became, refused.code) == ("refused", "too_long")


async def test_neither_password_nor_mailbox_nor_text_reaches_the_log_the_codes_or_the_names_of_quotas(
    tmp_path: Path,
) -> None:
    root, lines = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    try:
        log_to_stderr(logging.DEBUG, frank=True, stream=lines)
        async with posting(tmp_path) as post:
            said = [await post.send()]
            for step in ("AUTH", "RCPT", "."):
                post.smtp.failing = {step: f"550 5.7.1 <{ADDRESS}> {PASSWORD}"}
                said.append(await post.send())
            shown = f"{lines.getvalue()}{said}{post.mail.quotas(ADDRESS)}{post.mail!r}{SETTINGS!r}"
            assert not [each for each in (PASSWORD, ADDRESS, "城河街") if each in shown]
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_the_quotas_are_the_mailboxs_own_and_the_operators_day() -> None:
    mail = Mail(replace(SETTINGS, limits=Limits(((2, MINUTE),), a_day=50)))
    quotas, others = mail.quotas(ADDRESS), mail.quotas("anon02@shaoyin.example")
    assert [(each.most, each.within) for each in quotas] == [(2, MINUTE), (50, timedelta(days=1))]
    assert [mine.key == his.key for mine, his in zip(quotas, others, strict=True)] == [False, True]
    assert mail.quotas(ADDRESS.upper()) == quotas


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        (replace(SETTINGS, host=" "), "mail_host"),
        (replace(SETTINGS, port=0), "mail_host"),
        (replace(SETTINGS, sender="alerts"), "mail_sender"),
        (replace(SETTINGS, password=SecretStr(" ")), "mail_password"),
        (replace(SETTINGS, security="none"), "mail_security"),
        (replace(SETTINGS, host="10.0.0.1", security="none"), "mail_security"),
        (replace(SETTINGS, limits=Limits(((0, MINUTE),))), "mail_limits"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_no_password_is_shown(settings: MailSettings, setting: str) -> None:
    with pytest.raises(WrongKey) as refused:
        Mail(settings)
    assert refused.value.setting == setting
    assert PASSWORD not in str(refused.value)

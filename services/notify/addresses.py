"""What an address of a person looks like on each channel outside the application."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from services.notify.channels.mail import is_mailbox
from services.notify.channels.safe_address import wrong_with
from services.notify.channels.sender import Sender
from services.notify.channels.sms import mobile_in
from services.notify.channels.web_push import WebPush
from services.notify.channels.webhook import Webhook
from services.notify.channels.wecom_app import MEMBER

WEB_PUSH = "web_push"
ADDRESS_OF: Mapping[str, str] = {
    "wecom_app": "wecom_app", "sms_aliyun": "sms", "sms_tencent": "sms", "mail": "mail", "webhook": "webhook",
}  # fmt: skip
"""By channel that reaches one person, under which name his address is kept. Beside them a browser's subscriptions."""
LONGEST = 1000
_SPACED = re.compile(r"[ \u00a0-]")


class WrongForm(ValueError):  # noqa: N818 - said of the address
    """The code of the sentence that says how; the address is no part of it."""


def personal(senders: Mapping[str, Sender]) -> tuple[str, ...]:
    """Of the channels that are set up those that reach one person; a robot reaches a group."""
    return tuple(name for name in senders if is_personal(name))


def is_personal(channel: str) -> bool:
    return channel == WEB_PUSH or channel in ADDRESS_OF


def as_kept(key: str, said: str, senders: Mapping[str, Sender]) -> str:
    """The address as its channel takes it. Raises WrongForm."""
    if key == "webhook":
        return _url(said.strip(), inside=may_stay_inside("webhook", senders))
    return _FORMS[key](said.strip())


def may_stay_inside(channel: str, senders: Mapping[str, Sender]) -> bool:
    """Whether it was configured for a closed network, where other addresses than public ones may be called."""
    sender = senders.get(channel)
    return isinstance(sender, WebPush | Webhook) and sender.inside


def _mobile(said: str) -> str:
    mobile = mobile_in(_SPACED.sub("", said))
    if mobile is None:
        raise WrongForm("not_a_mobile")
    return mobile


def _userid(said: str) -> str:
    if MEMBER.fullmatch(said) is None:
        raise WrongForm("not_a_userid")
    return said


def _mailbox(said: str) -> str:
    if not is_mailbox(said):
        raise WrongForm("not_a_mailbox")
    return said


def _url(said: str, *, inside: bool) -> str:
    if wrong := wrong_with(said, inside=inside):
        raise WrongForm(wrong)
    return said


_FORMS: Mapping[str, Callable[[str], str]] = {"wecom_app": _userid, "sms": _mobile, "mail": _mailbox}

"""What a mail server says (RFC 5321, RFC 3463), and what each reply means for us."""

from __future__ import annotations

import re
import ssl
from datetime import timedelta

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from services.notify.channels.sender import Became, Said

TAKEN = Said("accepted", "250")
NO_STARTTLS = Said("retry", "no_starttls")
"""The server offers none, or somebody between has taken the offer away: nothing is said in the clear."""
NO_AUTH = Said("bad_key", "no_auth")
GREYLISTED = timedelta(minutes=5)
"""Whoever is not known is asked to come again (RFC 6647); when, no server says."""
NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")


def meaning(error: Exception) -> Said:
    match error:
        case SMTPRecipientsRefused(recipients=[SMTPRecipientRefused() as refused, *_]):
            return _of_recipient(refused)
        case SMTPResponseException():
            return _of_reply(error, _for_good(error))
        case TimeoutError():
            return Said("retry", "timeout")
        case SMTPConnectError():
            return _not_connected(error)
        case SMTPServerDisconnected() | ConnectionError():
            return Said("retry", "cut")
        case ssl.SSLError():
            return Said("retry", "certificate" if isinstance(error, ssl.SSLCertVerificationError) else "no_tls")
        case _:
            return Said("retry", "not_smtp")


def _not_connected(error: BaseException) -> Said:
    match error.__cause__:
        case ssl.SSLCertVerificationError():
            return Said("retry", "certificate")
        case ssl.SSLError():
            return Said("retry", "no_tls")
        case SMTPServerDisconnected():
            return Said("retry", "cut")
        case _:
            return Said("retry", "no_connection")


def _for_good(error: SMTPResponseException) -> Became:
    """What a 5yz means, by what it answered: without sign-in, greeting or sender nothing of ours is taken."""
    if error.code in (530, 534, 535, 538):
        return "bad_key"
    if error.code in (552, 554) and not isinstance(error, (SMTPAuthenticationError, SMTPConnectError)):
        return "refused"
    return "refused" if isinstance(error, SMTPDataError) else "bad_key"


def _of_recipient(refused: SMTPRecipientRefused) -> Said:
    enhanced = _enhanced(refused) or ""
    if 400 <= refused.code < 500:
        grey = enhanced.startswith("4.7.") or re.search("gr[ae]y-?list", refused.message, re.IGNORECASE)
        return Said("retry", _code(refused), GREYLISTED if grey else None)
    if refused.code == 530:
        return _of_reply(refused, "bad_key")
    by_number = refused.code in NO_SUCH_MAILBOX
    gone = enhanced.startswith("5.1.") or enhanced == "5.2.1" if enhanced else by_number
    return _of_reply(refused, "unknown_address" if gone else "refused")


def _of_reply(error: SMTPResponseException, for_good: Became) -> Said:
    if not 400 <= error.code < 600:
        return Said("retry", "not_smtp")
    return Said("retry" if error.code < 500 else for_good, _code(error))


def _code(error: SMTPResponseException) -> str:
    """The number, and RFC 3463's where there is one; never the words, which repeat the mailbox."""
    enhanced = _enhanced(error)
    return f"{error.code} {enhanced}" if enhanced else str(error.code)


def _enhanced(error: SMTPResponseException) -> str | None:
    found = _ENHANCED.match(error.message)
    return found.group() if found and found.group()[0] == str(error.code)[0] else None

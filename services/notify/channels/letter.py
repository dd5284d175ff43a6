"""A message as a letter (RFC 5322): plain text, its subject on one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notify.channels.cut import cut, in_bytes, in_characters, text_of
from services.notify.channels.sender import Message

SUBJECT_AT_MOST = 100
TEXT_AT_MOST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """`message_id` is the same over every try, so that a mailbox can know a repeat."""

    sender: str
    to: str
    message_id: str


def letter_of(message: Message, envelope: Envelope, at: datetime) -> bytes | None:
    """None where not even the links fit. It says that no human wrote it (RFC 3834), so that none answers by itself."""
    text = text_of(message, TEXT_AT_MOST, in_bytes)
    if text is None:
        return None
    letter = EmailMessage(SMTP)
    letter["From"] = envelope.sender
    letter["To"] = envelope.to
    letter["Subject"] = cut(" ".join(message.title.split()), SUBJECT_AT_MOST, in_characters)
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = envelope.message_id
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = message.language
    letter.set_content(text, cte="base64")
    return letter.as_bytes()

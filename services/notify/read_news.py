"""A batch of messages as read: whom to tell, what was answered, and what nobody can read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from services.notify.answered import Answered, answers
from services.notify.residents.to_tell import ToTell, to_tell
from services.notify.who_is_told import Telling, tellings
from services.notify.who_is_told_of_enrolment import answers_of_enrolment, tellings_of_enrolment
from shaoyin.adapters.bus import Message, Received
from shaoyin.adapters.dead_letters import dead_letter
from shaoyin.adapters.portions import portions
from shaoyin.contracts.as_written import Headers
from shaoyin.contracts.envelope import CaseNews, Unreadable, read_news
from shaoyin.contracts.members import MemberNews, read_member_news
from shaoyin.contracts.topics import CASES, MEMBERS, Topic
from shaoyin.domain.pack import Pack

GROUP = "notify"
NEWS: Mapping[str, Topic] = {topic.name: topic for topic in (CASES, MEMBERS)}
"""What alerts are made of."""
AT_A_TIME = 50
"""Messages that are read before anything else has its turn: a few milliseconds."""
AnyNews = TypeVar("AnyNews", CaseNews, MemberNews)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Read:
    """What a batch asks for: whom to tell, whom nobody could be told for, what was answered, what is unreadable, and
    which reporters to answer.
    """

    told: dict[str, Telling] = field(default_factory=dict)
    failed: dict[str, Telling] = field(default_factory=dict)
    answered: list[Answered] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    to_residents: list[ToTell] = field(default_factory=list)


async def read_in_turns(batch: Sequence[Received], packs: Mapping[str, Pack], key: bytes) -> Read:
    """As `read_batch`; whatever else this process does has its turn in between."""
    read = Read()
    for some in portions(batch, AT_A_TIME):
        read_batch(some, packs, key, read)
        await asyncio.sleep(0)
    return read


def read_batch(batch: Sequence[Received], packs: Mapping[str, Pack], key: bytes, read: Read | None = None) -> Read:
    """`key` makes the ids of alerts. One bad message becomes a dead letter and stops nothing. Adds to `read`."""
    read, headers = read or Read(), Headers()
    for message in batch:
        try:
            _read_one(message, read, packs, key, headers)
        except Unreadable as why:
            log.warning("a message of %s became a dead letter: %s", message.topic, why.reason)
            read.dead.append(dead_letter(message, NEWS[message.topic], GROUP, why.reason, str(why)))
    return read


def _read_one(message: Received, read: Read, packs: Mapping[str, Pack], key: bytes, headers: Headers) -> None:
    if message.topic == MEMBERS.name:
        of_member = read_member_news(message)
        told = _told_of(of_member, _pack(of_member.header.community, packs), key, tellings_of_enrolment)
        answered = answers_of_enrolment(of_member)
    else:
        of_case = read_news(message, headers)
        told = _told_of(of_case, _pack(of_case.header.pack, packs), key, tellings)
        answered = answers(of_case)
        read.to_residents += to_tell(of_case, key)
    for each in told:
        (read.told if each.person is not None else read.failed)[each.alert_id] = each
    if answered is not None:
        read.answered.append(answered)


def _pack(name: str, packs: Mapping[str, Pack]) -> Pack:
    found = packs.get(name)
    if found is None:
        raise Unreadable("unknown_pack", name)
    return found


def _told_of(
    news: AnyNews, pack: Pack, key: bytes, of: Callable[[AnyNews, Pack, bytes], list[Telling]]
) -> list[Telling]:
    """Raises Unreadable where the header and the event, or the event and the pack, do not fit together."""
    try:
        return of(news, pack, key)
    except Exception as error:  # whatever it is, it is this message's fault, and the others of the batch must go on
        log.exception("nobody could be told of %s", news.event_id)
        raise Unreadable("does_not_fit", type(error).__name__) from error

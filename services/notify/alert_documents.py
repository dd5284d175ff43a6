"""An alert as it is stored, and what its document says to whoever publishes it or resumes a stream."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.notify.who_is_told import Telling
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.deliveries import DeliveryTried
from shaoyin.domain.alert import Offer
from shaoyin.domain.ringing import RINGING

IN_APP = "in_app"


def documents(tellings: Iterable[Telling], at: datetime, alike: Document) -> list[Document]:
    """`alike` is what is the same in all of them; they are only written, so they share it."""
    moment = _moment(at)
    return [
        {"_id": each.alert_id, "stream_id": f"{moment}-{each.alert_id}", "raised_at": at, **_said(each), **alike}
        for each in tellings
    ]


def first_try(at: datetime, outcome: str, code: str) -> list[Document]:
    attempt = {"at": at, "outcome": outcome, "code": code, "next_at": None}
    return [{"channel": IN_APP, "state": outcome, "attempts": [attempt]}]


def ring_of(document: Document) -> Document:
    """What makes it ring, from now on; whether it may ring now is judged when its turn comes."""
    if document["level"] not in RINGING:
        return {}
    return {"ring": {"rank": 0 if document["level"] == "critical" else 1, "at": document["raised_at"]}}


def tries_of(document: Document) -> list[DeliveryTried]:
    """What `shaoyin.deliveries.v1` says of an alert: every try so far."""
    return [
        DeliveryTried(
            alert_id=document["_id"], event_id=document["event_id"], case_id=document["case_id"],
            kind=document["kind"], post=document["post"],
            channel=channel_name(delivery["channel"], delivery.get("to")), attempt=number, at=each["at"],
            outcome=each["outcome"], code=each["code"], next_at=each["next_at"],
            registration_id=document.get("registration_id"),
        )
        for delivery in document["deliveries"]
        for number, each in enumerate(delivery["attempts"], start=1)
    ]  # fmt: skip


def channel_name(channel: str, to: str | None) -> str:
    """Where a channel has several addresses of a person, each is one of its own: `web_push/3f2a`."""
    return channel if to is None else f"{channel}/{to}"


def stream_id(at: datetime, alert_id: str) -> str:
    """Sorts by the instant at which the alert was stored, so whoever resumes misses none that was raised late."""
    return f"{_moment(at)}-{alert_id}"


def instant_before(stream_id_: str, by: timedelta) -> str:
    """The stream id from which to resume: a little earlier, for what was written at the same time elsewhere."""
    return f"{max(int(stream_id_.partition('-')[0]) - by // timedelta(milliseconds=1), 0):013d}-"


def _moment(at: datetime) -> str:
    return f"{round(at.timestamp() * 1000):013d}"


def _said(telling: Telling) -> Document:
    said = {
        "at": telling.at, "event_id": telling.event_id, "seq": telling.seq, "case_id": telling.case_id,
        "number": telling.number, "pack": telling.pack, "area": telling.area, "category": telling.category,
        "kind": telling.kind, "level": telling.level, "post": telling.post, "person": telling.person,
        "whistle_id": telling.whistle_id, "offer": _offer(telling.offer), "due_at": telling.due_at,
        "facts": telling.facts,
    }  # fmt: skip
    return said if telling.registration_id is None else said | {"registration_id": telling.registration_id}


def _offer(offer: Offer | None) -> Document | None:
    if offer is None:
        return None
    return {"command": offer.command, "whistle_id": offer.whistle_id, "responder": offer.responder}


def telling_of(document: Document) -> Telling:
    """The alert again, as it was raised: to be told to somebody else."""
    offer = document["offer"]
    return Telling(
        alert_id=document["_id"], event_id=document["event_id"], seq=document["seq"], at=document["at"],
        case_id=document["case_id"], number=document["number"], pack=document["pack"], area=document["area"],
        category=document["category"], kind=document["kind"], level=document["level"], post=document["post"],
        person=document["person"], facts=document["facts"], whistle_id=document["whistle_id"],
        offer=None if offer is None else Offer(offer["command"], offer["whistle_id"], offer["responder"]),
        due_at=document["due_at"], registration_id=document.get("registration_id"),
    )  # fmt: skip

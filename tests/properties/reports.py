"""Reports of every kind: with and without reporter, masked, dangerous, to be claimed, without category or place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from shaoyin.domain import commands as cmd
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Answer, Origin, PlaceGiven, Report, Secrecy, Shown, case_id_of

BUILDINGS = (
    "courtyard-51-b1", "courtyard-51-b3", "road-45", "kangning-b1", "kangning-b5", "courtyard-63-b2", "xinghua-b1",
    "school-block",
)  # fmt: skip
PLACES = (
    PlaceGiven(area="wls-grid-1"), PlaceGiven(area="estate-kangning"), PlaceGiven(text="51号院"),
    PlaceGiven(text="不知道在哪儿"), PlaceGiven(area="wulibao"),
)  # fmt: skip
SECRECY: tuple[Secrecy, ...] = ("open", "open", "confidential", "anonymous")
WITHOUT: tuple[Origin, ...] = ("discovered", "campaign")
FAVOURED = (
    "WAT.sewer_blocked", "CAR.minor", "CAR.elder", "SAN.exposed_waste", "DIS.neighbour", "CON.conduct", "CON.consult",
    "PRO.service_quality", "ROA.manhole", "GRE.tree_danger", "HAZ.gas", "PAR.fire_lane_blocked",
)  # fmt: skip
INTAKE = (("p-jia-1", "duty"), ("p-jia-6", "service-desk"), ("p-yi-1", "grid-1-lead"), ("p-bing-1", "centre"))


def a_report(rng: Random, pack: Pack, at: datetime, report_id: str) -> Report:
    reporter = None if rng.random() < 0.15 else f"reporter-{report_id}"
    return Report(
        report_id=report_id, community=pack.name, pack_version=pack.version, description=_words(rng),
        place=_place(rng), received_at=at - timedelta(minutes=rng.choice((0, 0, 0, 1, 90))), reporter_ref=reporter,
        secrecy=rng.choice(SECRECY), category=_category(rng, pack),
        origin="reported" if reporter else rng.choice(WITHOUT), answers=_answers(rng),
        occurred_at=at - timedelta(days=rng.randrange(9)) if rng.random() < 0.2 else None,
        emergency_shown=(Shown("119", "说了先打119"),) if rng.random() < 0.1 else (),
    )  # fmt: skip


def opening(rng: Random, pack: Pack, at: datetime, report_id: str) -> cmd.OpenCase:
    """As the router gives it, or a person at a desk on somebody's behalf."""
    report = a_report(rng, pack, at, report_id)
    person, post = rng.choice(INTAKE) if rng.random() < 0.2 else (None, None)
    return cmd.OpenCase(
        at=at, person=person, post=post, report=report, case_id=case_id_of(report_id),
        number_if_accepted=f"N{report_id}", duplicates=("c-before",) if rng.random() < 0.1 else (),
    )  # fmt: skip


def _words(rng: Random) -> str:
    return "楼道里着火了" if rng.random() < 0.06 else rng.choice(("下水道堵了", "有件事想反映", "请来看一下"))


def _place(rng: Random) -> PlaceGiven:
    return rng.choice(PLACES) if rng.random() < 0.25 else PlaceGiven(building=rng.choice(BUILDINGS))


def _category(rng: Random, pack: Pack) -> str | None:
    if rng.random() < 0.15:
        return None
    return rng.choice(FAVOURED if rng.random() < 0.6 else tuple(pack.categories))


def _answers(rng: Random) -> Mapping[str, Answer]:
    said: dict[str, Answer] = {}
    if rng.random() < 0.06:
        said["danger"] = rng.choice(("fire", "gas_smell", "injury"))
    if rng.random() < 0.2:
        said[rng.choice(("flooding_homes", "inside_flat", "public_main", "noise_now"))] = rng.random() < 0.5
    return said

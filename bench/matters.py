"""What the benches report: matters that a rule gives to the community's duty post at once, each at its own place."""

from __future__ import annotations

from bench.ground import BUILDINGS, building

CATEGORIES = (
    "LIG.lamp_out", "ROA.surface_broken", "PRO.service_quality", "CON.consult", "CON.suggestion",
    "SAN.cleaning_quality", "SAN.road_unclean", "GRE.missing_plants", "PAR.illegal_parking", "CHG.flying_wire",
)  # fmt: skip
MOST = len(CATEGORIES) * BUILDINGS
"""From then on a report is a likely duplicate of an earlier one, and goes to a person first."""
DUTY = "p-jia-1"
"""Who holds the duty post in the demonstration pack."""


def a_matter(number: int) -> dict[str, object]:
    return {
        "community": "wulibao",
        "category": CATEGORIES[number // BUILDINGS % len(CATEGORIES)],
        "place": {"building": building(number)},
        "description": "楼道口的灯不亮了,晚上看不清路,老人进出不方便。",
    }


def result() -> dict[str, object]:
    """The handler's answer; without photos, and why."""
    return {
        "demand_true": True, "solved": "solved", "work_done": "换了灯泡,试过了。", "public_reply": "灯已修好。",
        "contacted": "电话联系过", "why_no_photo": "夜间无法拍摄",
    }  # fmt: skip

"""Which of intake's addresses are limited as what: reports, calls under a query code, pages, and the staff's calls."""

from __future__ import annotations

from services.intake.pages import CALLS
from shaoyin.adapters.rate_limits import STAFF, Call

EMERGENCY = {number: {"zh-CN": zh, "en": en} for number, (zh, en) in CALLS.items()}
"""Whom to call; every refusal of a resident's call says it."""
REPORT, PUBLIC, CODE = Call("report"), Call("public"), Call("code")
REPORT_PAGE, PAGE, CODE_PAGE = Call("report", page=True), Call("public", page=True), Call("code", page=True)
ASKING = ("/choose", "/suggested")
"""What a form posts before it is sent."""
BETWEEN_SERVICES = "/api/intake/contacts/"
"""Asked by notify for each answer that goes out; nobody without its token costs more than a comparison."""
FREE = ("/health/live", "/health/ready", "/metrics", "/intake.css", "/static/suggest.js", "/static/place.js", "/view")


def rate_of(method: str, path: str) -> Call | None:
    """Every address of intake; what is not intake's is the staff's."""
    if path == "/api/reports":
        return REPORT
    if path.startswith("/api/reports/"):
        return CODE
    if path.startswith("/api/communities"):
        return PUBLIC
    if path.startswith(BETWEEN_SERVICES):
        return None
    if path.startswith("/api/"):
        return None if path.endswith(FREE) else STAFF
    if path.startswith("/reports/"):
        return CODE_PAGE
    if path.startswith("/c/"):
        return REPORT_PAGE if method == "POST" and not path.endswith(ASKING) else PAGE
    if path in ("/", "/reports"):
        return PAGE
    return None if path in FREE else PUBLIC

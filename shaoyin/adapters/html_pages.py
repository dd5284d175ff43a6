"""Plain HTML pages of a service within the frame that all share: no script needed, two languages, larger for elders."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

SHARED = Path(__file__).parent / "pages"
ELDER = "elder"
VIEW_COOKIE = "view"
YEAR = 365 * 24 * 3600
SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""A page's address may hold a credential: it is kept nowhere and told to nobody."""
_KEPT = {"Cache-Control": "max-age=300"}


class HtmlPages:
    """The templates in a folder, over the shared ones. `always` is what every page is told: where its `style` is, where
    its name leads (`home`), and which address turns the larger `view` on and off.
    """

    def __init__(self, folder: Path, **always: str) -> None:
        self.folder = folder
        self._always = always

    def page(self, request: Request, name: str, context: Mapping[str, object], status: int = 200) -> HTMLResponse:
        """`here` is where the other view leads back to: nowhere a form was posted to."""
        known = {
            "errors": [],
            "elder": request.cookies.get(VIEW_COOKIE) == ELDER,
            "here": request.url.path
            + (f"?{request.url.query}" if request.url.query and request.method == "GET" else ""),
            **self._always,
            **context,
        }
        return HTMLResponse(self._templates.get_template(name).render(known), status, headers=SAFE)

    def style(self, name: str) -> Response:
        """What all pages share, and then what these have of their own."""
        text = "".join(path.read_text("utf-8") for path in (SHARED / "frame.css", self.folder / name))
        return Response(text, media_type="text/css", headers=_KEPT)

    def script(self, name: str) -> Response:
        return FileResponse(self.folder / name, media_type="text/javascript", headers=_KEPT)

    @cached_property
    def _templates(self) -> Environment:
        return Environment(
            loader=FileSystemLoader([self.folder, SHARED]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )


async def view(request: Request) -> Response:
    """The elder version on or off, kept in a cookie; back to where the reader came from, and nowhere else."""
    answer = RedirectResponse(local(request.query_params.get("to", "/")), 303)
    if request.query_params.get("elder") == "1":
        answer.set_cookie(VIEW_COOKIE, ELDER, max_age=YEAR, httponly=True, samesite="lax")
    else:
        answer.delete_cookie(VIEW_COOKIE)
    return answer


def local(to: str, else_to: str = "/") -> str:
    """An address at this origin, whoever wrote it."""
    is_local = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if is_local else else_to

"""Notify alone in a process: `python -m services.notify`."""

from __future__ import annotations

from services.notify.app import create
from shaoyin.adapters.logs import log_to_stderr
from shaoyin.adapters.program import serve
from shaoyin.adapters.settings import Settings


def main() -> None:
    settings = Settings.checked()
    log_to_stderr(frank=not settings.production)
    serve(create(settings), settings)


if __name__ == "__main__":
    main()

"""Notify alone in a process: `python -m services.notify`."""

from __future__ import annotations

from services.notify.app import create
from shaoyin.adapters.program import serve
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.telemetry import log_to_stderr


def main() -> None:
    log_to_stderr()
    settings = Settings.checked()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()

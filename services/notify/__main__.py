"""Notify alone: `python -m services.notify`."""

from __future__ import annotations

from shaoyin.adapters.folder_packs import begun


def main() -> None:
    settings = begun()
    from services.notify.app import run  # into the room in which the packs were read

    run(settings)


if __name__ == "__main__":
    main()

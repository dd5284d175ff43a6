"""The router alone: `python -m services.router`."""

from __future__ import annotations

from shaoyin.adapters.folder_packs import begun


def main() -> None:
    settings = begun(publishes=True)
    from services.router.program import run  # into the room in which the packs were read

    run(settings)


if __name__ == "__main__":
    main()

"""All three services in one process: `python -m services`."""

from __future__ import annotations

from shaoyin.adapters.folder_packs import begun


def main() -> None:
    settings = begun(publishes=True)
    from services.together import run  # into the room in which the packs were read

    run(settings)


if __name__ == "__main__":
    main()

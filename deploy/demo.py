"""`make demo`: plays both endings of the story against the running product and prints each step."""

from __future__ import annotations

import os
import sys

import httpx

from deploy.product import ORIGIN
from deploy.story import ending_in_silence, ending_with_an_answer, town


def main() -> int:
    origin = os.environ.get("SHAOYIN_ORIGIN", ORIGIN)
    try:
        with town(origin, _tell) as here:
            _title("一、有人报到,有了着落", "1. Members report in, and the matter is answered")
            ending_with_an_answer(here)
            _title("二、没有人作声,一级一级往上", "2. Somebody is silent, and it climbs by itself")
            ending_in_silence(here)
    except httpx.ConnectError:
        print(f"nothing answers at {origin}: start it with `make up`", file=sys.stderr)
        return 1
    return 0


def _title(zh: str, en: str) -> None:
    print(f"\n{zh} / {en}\n")


def _tell(zh: str, en: str) -> None:
    print(f"  · {zh}")
    if en:
        print(f"    {en}")


if __name__ == "__main__":
    sys.exit(main())

"""Which service the proxy hands an address to, read from the Caddyfile itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CADDYFILE = Path(__file__).parents[2] / "deploy" / "proxy" / "Caddyfile"


@dataclass(frozen=True, slots=True)
class Way:
    """Addresses that go one way. No pattern at all fits every address; no service: the proxy itself answers."""

    patterns: tuple[str, ...]
    service: str | None

    def fits(self, address: str) -> bool:
        return not self.patterns or any(_fits(pattern, address) for pattern in self.patterns)


def ways() -> list[Way]:
    """In the order in which they are tried: the first that fits is taken, as with Caddy's `handle`."""
    text = CADDYFILE.read_text("utf-8")
    named = {name: tuple(said.split()) for name, said in re.findall(r"^\t(@\w+) path (.+)$", text, re.MULTILINE)}
    blocks = re.findall(r"^\thandle ?(\S*) \{\n(.*?)^\t\}", text, re.MULTILINE | re.DOTALL)
    return [_way(named.get(to, (to,) if to else ()), block) for to, block in blocks]


def way_of(address: str) -> Way:
    return next(way for way in ways() if way.fits(address))


def _way(patterns: tuple[str, ...], block: str) -> Way:
    service = re.search(r"reverse_proxy (\w+):8000", block)
    return Way(patterns, service and service[1])


def _fits(pattern: str, address: str) -> bool:
    return address.startswith(pattern[:-1]) if pattern.endswith("*") else address == pattern

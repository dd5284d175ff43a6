"""The log of deliveries in words: channels, outcomes and the reasons that stand behind codes."""

from __future__ import annotations

from collections.abc import Mapping

from shaoyin.adapters.text_pages import text_page
from shaoyin.adapters.words import Language


def channel_name(channel: str, language: Language) -> str:
    """A channel without a name is called by its own."""
    return word(f"channel.{channel}", language) or channel


def reason(channel: str, became: str, code: str, language: Language) -> str:
    """What is known of the code at this provider, else what became of the try and the code as it is."""
    known = word(f"code.{channel}.{code}", language) or word(f"code.{code}", language)
    if known is not None:
        return known
    told = word(f"became.{became}", language) or ""
    return f"{told}（{code}）" if language == "zh-CN" else f"{told} ({code})"


def heard(became: str, code: str, language: Language) -> str:
    """What a provider said later of a message that it had taken, or that may have gone."""
    told = word(f"afterwards.{became}", language) or ""
    return f"{told}（{code}）" if language == "zh-CN" else f"{told} ({code})"


def word(key: str, language: Language) -> str | None:
    found = _texts().get(key)
    return None if found is None else found[language]


def _texts() -> Mapping[str, Mapping[str, str]]:
    return text_page("services.notify", "deliveries")

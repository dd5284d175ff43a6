"""`python -m shaoyin dead-letters …`: lists what nobody could read or decide, shows it, and sends it once more."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from shaoyin.adapters.bus import Bus, BusDown
from shaoyin.adapters.dead_letters import ADDED, DeadLetter, Found, contents, dead_letters, note, replay
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.scrub import scrub
from shaoyin.adapters.settings import Settings, SettingsRefused
from shaoyin.contracts.topics import TOPICS, Topic

Say = Callable[[str], object]
BY_NAME = {name: topic for topic in TOPICS for name in (topic.name, topic.dead_letters, topic.name.split(".")[1])}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for; without a topic: of every topic."""

    what: str
    topics: tuple[Topic, ...] = TOPICS
    ids: tuple[str, ...] = ()
    reason: str | None = None
    again: bool = False
    as_json: bool = False

    def is_meant(self, letter: DeadLetter) -> bool:
        names = {letter.ident} if len(self.topics) > 1 else {letter.ident, letter.place}
        named = not self.ids or not names.isdisjoint(self.ids)
        return named and self.reason in (None, letter.said("reason")) and (self.again or letter.outcome is None)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    page = commands.add_parser("dead-letters", help="死信:列出、查看、重新投递 / list, show and replay dead letters")
    told = page.add_subparsers(dest="what", required=True)
    _add(told, "list", "列出还没处理的死信,不显示内容 / list those still open, without their content")
    _add(told, "show", "连同内容一起显示 / show them with their content")
    _add(told, "replay", "送回原来的主题;重复执行不会重复处理 / send back to their topic; repeating it does no harm")
    _add(told, "dismiss", "不再投递,从清单中去掉 / take off the list without sending")


def _add(told: argparse._SubParsersAction[argparse.ArgumentParser], what: str, says: str) -> None:
    page = told.add_parser(what, help=says, description=says)
    short = ", ".join(topic.name.split(".")[1] for topic in TOPICS)
    page.add_argument("topic", nargs="?", choices=sorted(BY_NAME), metavar="TOPIC", help=f"主题 / one of: {short}")
    page.add_argument(
        "--id",
        action="append",
        default=[],
        metavar="ID",
        help="消息编号,或该主题里的位移 / message id, or offset in TOPIC",
    )
    page.add_argument("--reason", metavar="CODE", help="只要这个原因的 / only those with this reason")
    page.add_argument("--again", action="store_true", help="包括已处理过的 / those too that were seen to already")
    if what in ("list", "show"):
        page.add_argument("--json", action="store_true", help="每行一个 JSON / one JSON object a line")
    else:
        page.add_argument("--all", action="store_true", help="全部 / all that are open")


def run(given: argparse.Namespace) -> int:
    """0 done; 1 something asked for could not be done; 2 the command line or the settings are wrong."""
    say = sys.stdout.write
    chosen = bool(given.id or given.reason or getattr(given, "all", True))
    if not chosen:
        say("要说明哪些:--id、--reason 或 --all / say which: --id, --reason or --all\n")
        return 2
    asked = Asked(
        given.what, (BY_NAME[given.topic],) if given.topic else TOPICS, tuple(given.id), given.reason, given.again,
        getattr(given, "json", False),
    )  # fmt: skip
    try:
        settings = Settings.checked()
    except SettingsRefused as refused:
        say(f"{refused}\n")
        return 2
    if settings.bus == "memory":
        say("SHAOYIN_BUS=memory:消息只在服务进程里 / the messages are inside the service's process alone\n")
        return 2
    return asyncio.run(_on_kafka(settings.kafka, asked, say))


async def _on_kafka(servers: str, asked: Asked, say: Say) -> int:
    driver, bus = logging.getLogger("aiokafka"), KafkaBus(servers)
    level = driver.level
    driver.setLevel(logging.CRITICAL)  # what matters of it is raised
    await bus.start()
    try:
        return await done(bus, asked, say)
    except BusDown as away:
        say(f"联系不上 Kafka / Kafka cannot be reached: {away}\n")
        return 1
    finally:
        await bus.stop()
        driver.setLevel(level)


async def done(bus: Bus, asked: Asked, say: Say) -> int:
    """The command on a bus that is there. Raises BusDown."""
    act = {"list": _list, "show": _show, "replay": _replay, "dismiss": _dismiss}[asked.what]
    found, wrong = 0, False
    for topic in asked.topics:
        letters = [each for each in await dead_letters(bus, topic) if asked.is_meant(each)]
        found += len(letters)
        if letters:
            wrong |= not await act(bus, topic, letters, asked, say)
    if not found and not asked.as_json:
        say("没有 / none\n")
    return 1 if wrong or (asked.ids and not found) else 0


async def _list(_bus: Bus, topic: Topic, letters: Sequence[DeadLetter], asked: Asked, say: Say) -> bool:
    if not asked.as_json:
        say(f"{topic.dead_letters}: {len(letters)}\n")
    for each in letters:
        say(f"{json.dumps(_fields(each), ensure_ascii=False)}\n" if asked.as_json else f"  {_line(each)}\n")
    return True


async def _show(bus: Bus, topic: Topic, letters: Sequence[DeadLetter], asked: Asked, say: Say) -> bool:
    async with aclosing(contents(bus, topic, letters)) as found:
        async for each in found:
            say(_whole_json(each) if asked.as_json else _whole(each))
    return True


async def _replay(bus: Bus, topic: Topic, letters: Sequence[DeadLetter], _asked: Asked, say: Say) -> bool:
    result = await replay(bus, topic, letters)
    zh, en = f"重新投递 {result.sent} 条", f"{result.sent} sent again"
    if result.same:
        zh, en = f"{zh},另有 {result.same} 条相同", f"{en}, {result.same} more were copies of these"
    say(f"{topic.name}: {zh} / {en}\n")
    for each in result.lost:
        say(f"  {each.place} {_safe(each.ident)}: 内容太大没有留下,不能投递 / its content was too large to keep\n")
    return not result.lost


async def _dismiss(bus: Bus, topic: Topic, letters: Sequence[DeadLetter], _asked: Asked, say: Say) -> bool:
    await note(bus, topic, letters, "dismissed")
    say(f"{topic.name}: 从清单中去掉 {len(letters)} 条 / {len(letters)} taken off the list\n")
    return True


def _fields(letter: DeadLetter) -> dict[str, object]:
    return {
        "topic": letter.topic, "offset": letter.place, "at": letter.at.isoformat(timespec="seconds"),
        "id": _safe(letter.ident), "type": _safe(letter.said("ce_type")), "reason": _safe(letter.said("reason")),
        "detail": scrub(_safe(letter.said("detail"))), "reader": _safe(letter.said("reader")), "bytes": letter.size,
        "state": _state(letter),
    }  # fmt: skip


def _line(letter: DeadLetter) -> str:
    said = _fields(letter)
    names = ("offset", "at", "id", "type", "reason", "reader", "state", "detail")
    return "  ".join(str(said[name]) or "-" for name in names)


def _state(letter: DeadLetter) -> str:
    return letter.outcome or ("lost" if letter.lost else "open")


def _whole(found: Found) -> str:
    letter, dead = found
    headers = "".join(f"  {_safe(name)}: {_safe(letter.said(name))}\n" for name, _ in dead.headers if name not in ADDED)
    return f"{_line(letter)}\n{headers}  {_safe(dead.value.decode(errors='replace'))}\n"


def _whole_json(found: Found) -> str:
    letter, dead = found
    headers = {name: letter.said(name) for name, _ in dead.headers if name not in ADDED}
    whole = _fields(letter) | {"headers": headers, "value": dead.value.decode(errors="replace")}
    return f"{json.dumps(whole, ensure_ascii=False)}\n"


def _safe(text: str) -> str:
    """Nothing that a terminal obeys, whoever wrote the message."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)

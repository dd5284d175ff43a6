"""`python -m shaoyin publish packs/NAME`: hands the folder in to a running router; `--approve` puts it in force."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from shaoyin.adapters.pack_shelf import Handed
from shaoyin.adapters.packs import pages_of
from shaoyin.adapters.publishing import Changed, NotReached, Refused, Router, Told
from shaoyin.adapters.words import Language

ADDRESS, TOKEN = "SHAOYIN_ROUTER_URL", "SHAOYIN_TOKEN"
Say = Callable[[str], object]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    says = "提交规则包,由另一个人批准 / hand a pack in; somebody else approves it"
    page = commands.add_parser("publish", help=says, description=says)
    page.add_argument("folder", type=Path, help="packs/NAME")
    page.add_argument(
        "--to", default=os.environ.get(ADDRESS) or "http://127.0.0.1:8000", metavar="URL",
        help=f"系统的地址,不写就用环境变量 {ADDRESS} / where the router answers; or the variable",
    )  # fmt: skip
    page.add_argument(
        "--token-file", type=Path, metavar="FILE",
        help=f"写着登录令牌的文件,不写就用环境变量 {TOKEN} / a file with the officer's token; or the variable",
    )  # fmt: skip
    page.add_argument("--note", default="", help="改了什么,写给批准的人看 / what changed, for who approves it")
    what = page.add_mutually_exclusive_group()
    what.add_argument(
        "--simulate", type=int, metavar="DAYS", help="只试算最近几天的案件 / only try it on the cases of the last days"
    )
    what.add_argument("--approve", type=int, metavar="VERSION", help="批准这一版 / put this version in force")


def run(given: argparse.Namespace) -> int:
    """0 done; 1 refused, with every reason; 2 the command line is wrong or nobody answers."""
    try:
        token = given.token_file.read_text("utf-8").strip() if given.token_file else os.environ.get(TOKEN, "")
    except OSError as gone:
        sys.stdout.write(f"{given.token_file}: {gone.strerror}\n")
        return 2
    if not token or not (token.isascii() and token.isprintable()):
        sys.stdout.write(f"没有登录令牌:写在 --token-file 的文件或 {TOKEN} 里 / no token: --token-file, or {TOKEN}\n")
        return 2
    return asyncio.run(_at(given, token))


async def _at(given: argparse.Namespace, token: str) -> int:
    async with httpx.AsyncClient(base_url=given.to) as http:
        return await done(Router(http, token, _language()), given, sys.stdout.write)


async def done(router: Router, given: argparse.Namespace, say: Say) -> int:
    """What was asked for, at a router that may be there."""
    folder: Path = given.folder.resolve()
    try:
        if given.approve is not None:
            now = await router.approve(folder.name, given.approve)
            say(f"{folder.name}: 第 {now['number']} 版生效 / version {now['number']} is in force\n")
            return 0
        return await _handed_in(router, given, folder, say)
    except Refused as refused:
        say("".join(f"{line}\n" for line in _refusal(refused.told, given.folder)))
        return 1
    except NotReached as away:
        say(f"{given.to}: 联系不上 / cannot be reached: {away}\n")
        return 2


async def _handed_in(router: Router, given: argparse.Namespace, folder: Path, say: Say) -> int:
    try:
        pages = pages_of(folder)
    except OSError as gone:
        say(f"{gone.filename}: {gone.strerror}\n")
        return 2
    if folder.name not in pages:
        say(f"{given.folder}: 这里没有规则包 / there is no pack here\n")
        return 2
    for page in _not_text(pages):
        say(f"{folder.parent / page}: 不是 UTF-8 / not UTF-8\n")
        return 1
    changed = await router.changed(folder.name, pages)
    for page in changed.beneath:
        say(f"{page}: 与现行的不同,不随本包提交 / differs from the one in force; it is not handed in with the pack\n")
    if not changed.files:
        say(f"{given.folder}: 与现行第 {changed.based_on} 版一样 / the same as version {changed.based_on} in force\n")
        return 0
    if given.simulate is not None:
        say("".join(_simulated(await router.simulate(folder.name, changed, given.simulate))))
        return 0
    say("".join(_kept(await router.hand_in(folder.name, changed, given.note), changed, given.folder)))
    return 0


def _not_text(pages: Handed) -> Iterator[str]:
    """Pages that cannot be sent as text; `check` says where in them."""
    for pack, files in pages.items():
        for file, raw in files.items():
            try:
                raw.decode()
            except UnicodeDecodeError:
                yield f"{pack}/{file}"


def _kept(version: Told, changed: Changed, folder: Path) -> Iterator[str]:
    number = version["number"]
    for page, text in changed.files.items():
        yield f"{folder / page}: {'改了 / changed' if text is not None else '删去 / gone'}\n"
    yield f"{folder}: 提交为第 {number} 版,等另一个人批准 / handed in as version {number}, somebody else approves it:\n"
    yield f"  python -m shaoyin publish {folder} --approve {number}\n"


def _simulated(told: Told) -> Iterator[str]:
    yield (
        f"最近 {told['days']} 天 {told['asked']} 件,其中 {told['changed']} 件会不同 / "
        f"{told['asked']} cases of {told['days']} days, {told['changed']} of them would go otherwise\n"
    )
    for row in told["rows"]:
        counts = row["counts"]
        yield (
            f"  第 {row['row']} 行 / row {row['row']}: 主办 / handler {counts['main']}, 方式 / mode {counts['mode']}, "
            f"时限 / deadline {counts['result']}\n"
        )


def _refusal(told: Told, folder: Path) -> Iterator[str]:
    """One line a problem, as `check` says it."""
    problems = told.get("problems", ())
    for each in problems:
        place = f"{folder.parent / each['file']}:{each['row']}:{each['column']}"
        yield f"{place}: {each['code']}: {each['zh']} / {each['en']}"
    for each in told.get("errors", ()):
        yield f"{each['field']}: {each['code']}: {each['text']}"
    if problems:
        yield f"{folder}: 有 {len(problems)} 处问题,没有提交 / {len(problems)} problems, nothing was handed in"
    else:
        yield f"{told.get('code', told.get('status'))}: {told.get('title', '')} {told.get('detail', '')}"


def _language() -> Language:
    said = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "en" if said.startswith("en") else "zh-CN"

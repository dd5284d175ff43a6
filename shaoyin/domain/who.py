"""Who somebody is in a case: the words of the specification, asked of a post, a person or a reporter."""

from __future__ import annotations

from shaoyin.domain import commands as cmd
from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.case import Case, Reporter
from shaoyin.domain.commands import Given
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack

OUTSIDERS = {
    "check": ("grid_lead", "community", "street_centre", "district_joint_office"),
    "call_back": ("street_centre", "community", "district_joint_office"),
}
"""Who checks and who calls back, nearest first; the district's where street and community both handle it (1.14)."""


def stands(word: str, case: Case, command: Given, pack: Pack) -> bool:
    """Whether whoever gives the command is what the word says (decisions, "Who may")."""
    match word:
        case "system":
            return command.by_system
        case "reporter":
            return _is_reporter(case, command)
        case "responder":
            return _is_responder(case, command)
        case "member":
            return command.post is None and command.person is not None
        case "handler" if command.post is None:
            return command.person is not None and case.main is not None and case.main.person == command.person
        case "co_handler" if command.post is None:
            return command.person is not None and any(each.person == command.person for each in case.co)
    post = pack.directory.posts.get(command.post or "")
    if post is None or not post.held_by(command.person):
        return False
    return _stands_as(word, post, case, command, pack)


def _stands_as(word: str, post: Post, case: Case, command: Given, pack: Pack) -> bool:
    match word:
        case "handler":
            return case.main is not None and case.main.post == post.post_id
        case "co_handler":
            return any(each.post == post.post_id for each in case.co)
        case "requester":
            whistle = whistle_of(case, command)
            return whistle is not None and whistle.blower == post.post_id
        case "checker":
            return pack.directory.has_right(post, "check") and covers(post, case, pack)
        case "call_back":
            return pack.directory.has_right(post, "call_back") and covers(post, case, pack)
        case "any_staff":
            return covers(post, case, pack)
        case "dept_head" | "duty_roster":
            body = None if case.main is None else case.main.org
            return post.kind == word and post.org == body
        case _:
            return post.kind == word and covers(post, case, pack)


def covers(post: Post, case: Case, pack: Pack) -> bool:
    return pack.areas.covers(post.area, case.area or pack.root)


def whistle_of(case: Case, command: Given) -> Whistle | None:
    return case.whistles.get(command.whistle_id) if isinstance(command, cmd.OfWhistle) else None


def own_work(case: Case, command: Given, pack: Pack) -> bool:
    """The person who worked on it, or a post of the handlers' organisations: no check of one's own (decisions 1.14)."""
    if command.person in case.workers:
        return True
    post = pack.directory.posts.get(command.post or "")
    return post is not None and own_body(case, post, pack)


def own_body(case: Case, post: Post, pack: Pack) -> bool:
    bodies = {party.org for party in (case.main, *case.co) if party is not None}
    return pack.own_work_by == "organisation" and post.org in bodies


def outsider(case: Case, right: str, pack: Pack) -> Post | None:
    """The nearest filled post with the right that is not of the handlers' own organisations."""
    posts = (pack.post_for(role, case.area or pack.root) for role in OUTSIDERS[right])
    able = [post for post in posts if post is not None and pack.directory.has_right(post, right)]
    return next((post for post in able if not own_body(case, post, pack)), None)


def _is_reporter(case: Case, command: Given) -> bool:
    return isinstance(command, cmd.ByReporter) and command.person is None and command.post is None


def speaker(case: Case, asked: cmd.ByReporter) -> Reporter | None:
    """The reporter who asks, or on whose behalf an intake post does; the only one need not be named (1.45)."""
    if asked.person is not None and not asked.on_behalf:
        return None
    if asked.reporter_ref is None and asked.on_behalf and len(case.reporters) == 1:
        return case.reporters[0]
    return case.reporter(asked.reporter_ref or "")


def not_a_reporter(case: Case, asked: cmd.ByReporter, _pack: Pack) -> bool:
    return speaker(case, asked) is None


def responder_named(case: Case, command: Given) -> Responder | None:
    """Whose move it is: the responder named, else the post that acts, else the person."""
    named = getattr(command, "responder", None)
    return _one_of(case, command, (named,) if named else (command.post, command.person))


def own_response(case: Case, command: Given) -> Responder | None:
    return _one_of(case, command, (command.post, command.person))


def _one_of(case: Case, command: Given, names: tuple[str | None, ...]) -> Responder | None:
    whistle = whistle_of(case, command)
    if whistle is None:
        return None
    return next((whistle.responders[name] for name in names if name is not None and name in whistle.responders), None)


def _is_responder(case: Case, command: Given) -> bool:
    """The unit's duty post, the person called, or for a person a post on site (decisions 2.33)."""
    mine = own_response(case, command)
    if mine is None:
        return False
    named = getattr(command, "responder", None)
    if named in (None, mine.responder):
        return True
    other = responder_named(case, command)
    return other is not None and other.is_person and mine.state in ("on_site", "working")

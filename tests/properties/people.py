"""Who could give a command: for each word of a line the posts and persons that may stand for it here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shaoyin.domain.org import Post
from shaoyin.domain.rows import Row
from tests.domain.town import members
from tests.properties.scene import Scene

Who = tuple[str | None, str | None]
NOBODY: Who = (None, None)
"""A reporter, or the system itself."""
RIGHTS = {"checker": "check", "call_back": "call_back"}
A_FEW = 9


def whoever(row: Row, scene: Scene) -> list[Who]:
    """In random order, whoever might stand for one of the line's words; a responder's own move first."""
    found = [who for word in row.who for who in _standing(word, scene)]
    scene.rng.shuffle(found)
    own = [each for each in found if scene.responder is not None and scene.responder in each]
    return [*own, *found]


def anybody(scene: Scene) -> list[Who]:
    return [NOBODY, *_held(scene.posts(), scene), *((person, None) for person in members(scene.pack))]


def _standing(word: str, scene: Scene) -> Iterator[Who]:
    case, whistle = scene.case, scene.whistle
    if word in ("system", "reporter"):
        yield NOBODY
    elif word == "member":
        yield from _members(scene)
    elif word in ("handler", "co_handler"):
        parties = case.co if word == "co_handler" else () if case.main is None else (case.main,)
        yield from _named((each.post or each.person for each in parties), scene)
    elif word == "requester":
        yield from _named(() if whistle is None else (whistle.blower,), scene)
    elif word == "responder":
        yield from _named(() if whistle is None else whistle.responders, scene)
    elif word in RIGHTS:
        posts = [each for each in scene.posts() if scene.pack.directory.has_right(each, RIGHTS[word])]
        yield from _held(posts, scene)
    elif word == "any_staff":
        posts = scene.posts()
        yield from _held(scene.rng.sample(posts, min(A_FEW, len(posts))), scene)
    else:
        yield from _held(scene.posts(word), scene)


def _members(scene: Scene) -> Iterator[Who]:
    """All who are enrolled; where some have claimed the order, often one of those."""
    claims = () if scene.case.order is None else scene.case.order.claims
    if claims and scene.often(0.5):
        yield from ((each.person, None) for each in claims)
    else:
        yield from ((person, None) for person in members(scene.pack))


def _named(names: Iterable[str | None], scene: Scene) -> Iterator[Who]:
    """A responder or handler goes by one name: a post's, or else a person's."""
    for name in names:
        post = scene.pack.directory.posts.get(name or "")
        if post is None:
            yield (name, None)
        elif post.filled:
            yield from _held((post,), scene)


def _held(posts: Iterable[Post], scene: Scene) -> Iterator[Who]:
    for post in posts:
        yield (scene.rng.choice((*post.holders, *post.stand_ins)), post.post_id)

"""The page of topics says something of every topic, and nothing twice."""

import re
from datetime import timedelta

from shaoyin.contracts.messages import SPOKEN
from shaoyin.contracts.topics import TOPICS

SERVICES = {"intake", "router", "notify"}


def test_no_two_topics_and_dead_letters_share_a_name() -> None:
    names = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]

    assert len(set(names)) == len(names)


def test_every_topic_has_dead_letters_beside_it() -> None:
    assert {topic.dead_letters for topic in TOPICS} == {f"{topic.name}.dlq" for topic in TOPICS}


def test_a_topics_name_ends_with_its_version() -> None:
    assert [topic.name for topic in TOPICS if not re.fullmatch(r"shaoyin\.[a-z]+\.v[1-9]", topic.name)] == []


def test_every_topic_is_written_and_read_by_services_that_exist() -> None:
    for topic in TOPICS:
        assert topic.writers, topic.name
        assert SERVICES.issuperset(topic.writers + topic.readers), topic.name


def test_the_news_is_kept_long_enough_to_catch_up_after_a_long_weekend() -> None:
    assert all(topic.kept is None or topic.kept >= timedelta(days=7) for topic in TOPICS)


def test_every_topic_holds_at_least_one_type_of_message() -> None:
    assert {spoken.topic for spoken in SPOKEN} == set(TOPICS)


def test_no_two_types_of_message_share_a_name() -> None:
    names = [spoken.name for spoken in SPOKEN]

    assert len(set(names)) == len(names)

"""The two engines as processes: found again, ended for certain, and never started on a wrong jar or a taken port."""

import hashlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.local import Engines, free_ports
from deploy.local.__main__ import main
from deploy.local.jars import MIRROR, class_path, locked
from deploy.local.java import java
from deploy.local.processes import Child
from deploy.local.trouble import JarsUnreachable, Trouble, WrongJar
from shaoyin.adapters.bus import Message, TopicSpec
from shaoyin.adapters.kafka import KafkaBus
from tests.engines import own_engines

SECOND = timedelta(seconds=1)
TEN = timedelta(seconds=10)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """This file's engines, running; what a test stops it starts again."""
    with own_engines(tmp_path_factory.mktemp("home")) as engines:
        engines.start()
        yield engines


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child("engine", tmp_path)
    yield child
    child.kill()


def spawn(child: Child, program: str) -> None:
    child.spawn([sys.executable, "-c", program, str(child.folder)], ports=[1])


def pids(engines: Engines) -> list[int | None]:
    return [engines.kafka.child.pid(), engines.mongo.child.pid()]


async def send(engines: Engines, numbers: range) -> None:
    bus = KafkaBus(engines.kafka_address)
    await bus.start()
    await bus.ensure_topics([TopicSpec("kept", 1, None)])
    await bus.send([Message("kept", b"key", b"%d" % number) for number in numbers])
    await bus.stop()


async def read_everything(engines: Engines, group: str) -> list[int]:
    bus = KafkaBus(engines.kafka_address)
    await bus.start()
    found: list[int] = []
    async with bus.reader(group, ["kept"]) as reader:
        while batch := await reader.batch(5000, 2 * SECOND):
            found += [int(message.value) for message in batch]
    await bus.stop()
    return found


def kept_in_mongo(engines: Engines) -> list[int]:
    with MongoClient[dict[str, int]](engines.mongo_url) as client:
        return sorted(document["_id"] for document in client["kept"]["numbers"].find())


def test_a_port_in_use_is_named_with_the_variable_to_set_and_no_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka_port, controller_port, mongo_port = free_ports(3)
    monkeypatch.setenv("SHAOYIN_KAFKA_PORT", str(kafka_port))
    with socket.create_server(("127.0.0.1", kafka_port)), socket.create_server(("127.0.0.1", mongo_port)):
        ports = ["--controller-port", str(controller_port), "--mongo-port", str(mongo_port)]
        assert main(["start", "--home", str(tmp_path), *ports]) == 2
    said = capsys.readouterr()
    assert f"port {kafka_port} is in use by another program" in said.err
    assert "SHAOYIN_KAFKA_PORT" in said.err
    assert "Traceback" not in said.out + said.err


def test_a_port_that_is_no_port_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAOYIN_MONGO_PORT", "seven")
    assert main(["status"]) == 1
    assert "SHAOYIN_MONGO_PORT must be a port" in capsys.readouterr().err


def test_free_ports_differ_and_are_not_given_to_outgoing_connections() -> None:
    ports = free_ports(20)
    lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert len(set(ports)) == 20
    assert max(ports) < lowest_outgoing


def test_what_is_not_running_is_said_and_stopping_it_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(tmp_path)]
    assert main(["status", *home]) == 3
    assert capsys.readouterr().out.count("is not running") == 2
    assert main(["stop", *home]) == 0
    assert main(["wipe", *home]) == 0
    assert main(["logs", *home]) == 0


def test_a_pid_file_of_a_process_that_is_gone_or_of_another_program_is_stale(child: Child) -> None:
    spawn(child, "import time; time.sleep(60)")
    noted = child.folder / "engine.pid"
    pid = child.pid()
    assert pid is not None
    child.kill()
    assert child.pid() is None
    noted.write_text(noted.read_text().replace(str(pid), str(os.getpid())))
    assert child.pid() is None
    assert not child.stop(SECOND)
    assert not noted.exists()


def test_a_pid_file_cut_off_in_the_middle_is_stale(child: Child) -> None:
    (child.folder / "engine.pid").write_text('{"pid": 12')
    assert child.pid() is None


def test_an_engine_that_dies_while_starting_is_reported_with_the_end_of_its_log(child: Child) -> None:
    spawn(child, "raise SystemExit('the disk is full')")
    with pytest.raises(Trouble, match="the disk is full"):
        child.wait_until(lambda: False, within=TEN)


def test_an_engine_that_does_not_answer_is_not_waited_for_for_ever(child: Child) -> None:
    spawn(child, "import time; time.sleep(60)")
    with pytest.raises(Trouble, match="does not answer after 0 s"):
        child.wait_until(lambda: False, within=timedelta(milliseconds=100))


def test_an_engine_that_does_not_heed_the_request_to_end_is_ended(child: Child) -> None:
    spawn(child, "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)")
    child.wait_until(lambda: "deaf" in child.tail(1), within=TEN)
    assert child.stop(timedelta(milliseconds=200))
    assert child.pid() is None


def test_java_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java() != old


class Repository:
    """A Maven repository of one jar on this machine, and how often it was asked."""

    def __init__(self, root: Path) -> None:
        self.asked = 0
        self.jar = root / "org" / "example" / "engine" / "1.0" / "engine-1.0.jar"
        self.jar.parent.mkdir(parents=True)
        self.jar.write_bytes(b"the right jar")
        self.lock = root / "jars.lock"
        self.lock.write_text(f"# one\norg.example:engine:1.0 sha256:{hashlib.sha256(b'the right jar').hexdigest()}\n")
        repository = self

        class Answering(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                repository.asked += 1
                super().do_GET()

            def log_message(self, *_: object) -> None:
                """Nothing to say."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Answering, directory=str(root)))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    repository = Repository(tmp_path / "maven")
    serving = threading.Thread(target=repository.server.serve_forever, args=(0.01,))
    serving.start()
    monkeypatch.setenv(MIRROR, f"http://127.0.0.1:{repository.server.server_port}")
    yield repository
    repository.server.shutdown()
    repository.server.server_close()
    serving.join()


def test_a_jar_is_fetched_once_and_again_when_it_was_damaged(repository: Repository, tmp_path: Path) -> None:
    kept = tmp_path / "jars"
    assert class_path(kept, repository.lock) == str(kept / "engine-1.0.jar")
    class_path(kept, repository.lock)
    assert repository.asked == 1
    (kept / "engine-1.0.jar").write_bytes(b"the right jax")
    class_path(kept, repository.lock)
    assert (kept / "engine-1.0.jar").read_bytes() == b"the right jar"


def test_a_jar_with_another_hash_is_refused_by_name_and_not_kept(repository: Repository, tmp_path: Path) -> None:
    repository.jar.write_bytes(b"another jar")
    with pytest.raises(WrongJar, match=r"org\.example:engine:1\.0 has SHA-256 .* it was not kept"):
        class_path(tmp_path / "jars", repository.lock)
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_jar_that_cannot_be_fetched_is_named(repository: Repository, tmp_path: Path) -> None:
    repository.jar.unlink()
    with pytest.raises(JarsUnreachable, match=r"cannot fetch org\.example:engine:1\.0"):
        class_path(tmp_path / "jars", repository.lock)


def test_a_line_of_the_lock_file_that_cannot_be_read_is_refused_with_its_number(tmp_path: Path) -> None:
    lock = tmp_path / "jars.lock"
    lock.write_text("# jars\norg.example:engine sha256:abc\n")
    with pytest.raises(Trouble, match=r"jars\.lock:2"):
        locked(lock)


def test_the_lock_file_names_the_broker_and_every_jar_once() -> None:
    jars = locked()
    assert "org.apache.kafka:kafka_2.13:4.4.0" in {jar.coordinates for jar in jars}
    assert len({jar.file_name for jar in jars}) == len(jars)


@pytest.mark.engines
def test_starting_what_runs_is_quick_and_starts_nothing(own: Engines) -> None:
    before, started = pids(own), time.monotonic()
    own.start()
    assert pids(own) == before
    assert time.monotonic() - started < 4


@pytest.mark.engines
def test_engines_that_run_elsewhere_are_not_started_a_second_time(own: Engines) -> None:
    elsewhere = Engines(own.home, *free_ports(3))
    with pytest.raises(Trouble, match="already runs on port"):
        elsewhere.start()


@pytest.mark.engines
def test_status_says_where_both_answer(own: Engines, capsys: pytest.CaptureFixture[str]) -> None:
    kafka, mongo = own.kafka, own.mongo
    ports = ["--kafka-port", str(kafka.port), "--controller-port", str(kafka.controller_port)]
    assert main(["status", "--home", str(own.home), *ports, "--mongo-port", str(mongo.port)]) == 0
    assert capsys.readouterr().out.count("answers, pid") == 2


@pytest.mark.engines
@pytest.mark.faults
async def test_what_was_acknowledged_outlives_a_kill_and_a_move_to_other_ports(own: Engines) -> None:
    await send(own, range(2000))
    with MongoClient[dict[str, int]](own.mongo_url) as client:
        client["kept"]["numbers"].insert_many([{"_id": number} for number in range(2000)])
    cluster = own.kafka.cluster_id()
    own.kill_kafka()
    own.kill_mongo()
    assert pids(own) == [None, None]
    moved = Engines(own.home, *free_ports(3), mongo_cache_gb=0.25)
    moved.start()
    try:
        assert await read_everything(moved, "after the move") == list(range(2000))
        assert kept_in_mongo(moved) == list(range(2000))
        assert moved.kafka.cluster_id() == cluster
    finally:
        moved.stop()


@pytest.mark.engines
async def test_after_a_wipe_the_cluster_is_another_and_empty(own: Engines) -> None:
    before = own.kafka.cluster_id()
    own.wipe()
    assert not own.kafka.child.folder.exists()
    assert not own.mongo.child.folder.exists()
    own.start()
    assert own.kafka.cluster_id() not in (None, before)
    assert kept_in_mongo(own) == []

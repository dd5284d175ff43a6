"""The broker's jars: named with their SHA-256 in `jars.lock`, fetched once, checked before every start."""

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.trouble import JarsUnreachable, Trouble, WrongJar

LOCK = Path(__file__).with_name("jars.lock")
MIRROR = "SHAOYIN_MAVEN_MIRROR"
_AT_ONCE = 8
_SECONDS = (10, 60)


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock file."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinates(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    def is_in(self, folder: Path) -> bool:
        file = folder / self.file_name
        return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == self.sha256


def locked(lock: Path = LOCK) -> list[Jar]:
    """Every jar of the lock file; a line that cannot be read is refused with its number."""
    lines = enumerate(lock.read_text().splitlines(), start=1)
    return [_parsed(line, f"{lock}:{number}") for number, line in lines if line and not line.startswith("#")]


def class_path(folder: Path, lock: Path = LOCK) -> str:
    """The jars of the lock file and no others, all here and all as locked; what is missing is fetched first.

    Raises WrongJar when a fetched jar has another hash, and JarsUnreachable when one cannot be fetched.
    """
    jars = locked(lock)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        here = list(pool.map(lambda jar: jar.is_in(folder), jars))
        _fetch_all([jar for jar, found in zip(jars, here, strict=True) if not found], folder, pool)
    return os.pathsep.join(str(folder / jar.file_name) for jar in jars)


def _fetch_all(missing: list[Jar], folder: Path, pool: ThreadPoolExecutor) -> None:
    if not missing:
        return
    print(f"fetching {len(missing)} jars into {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    fetch = _repository()
    for _ in pool.map(lambda jar: keep(jar, fetch(jar), folder), missing):
        pass


def keep(jar: Jar, content: bytes, folder: Path) -> None:
    """Checked first, then put in place at one stroke: a jar under its own name is always whole and right."""
    found = hashlib.sha256(content).hexdigest()
    if found != jar.sha256:
        raise WrongJar(f"{jar.coordinates} has SHA-256 {found}, but {LOCK.name} says {jar.sha256}; it was not kept")
    part = folder / f"{jar.file_name}.{os.getpid()}.part"
    part.write_bytes(content)
    part.replace(folder / jar.file_name)


def _repository() -> Callable[[Jar], bytes]:
    """Maven Central as the wheel `maven-artifact` knows it, or the mirror named by SHAOYIN_MAVEN_MIRROR."""
    try:
        from maven_artifact.artifact import Artifact  # an optional extra, and only needed to fetch
        from maven_artifact.downloader import Downloader
    except ImportError as missing:
        raise Trouble("the wheel maven-artifact is not installed: run `make setup`") from missing
    mirror = os.environ.get(MIRROR)
    central = Downloader(**({"base": mirror} if mirror else {}))  # type: ignore[no-untyped-call]  # has no hints

    def fetch(jar: Jar) -> bytes:
        artifact = Artifact(jar.group, jar.artifact, jar.version)
        address = central.resolver.uri_for_artifact(artifact)  # type: ignore[no-untyped-call]  # has no hints

        def refuse(_: str, reason: Exception) -> bytes:
            raise JarsUnreachable(f"cannot fetch {jar.coordinates}: {reason}") from reason

        return bytes(central.requestor.request(address, refuse, lambda answer: answer.content, timeout=_SECONDS))

    return fetch


def _parsed(line: str, where: str) -> Jar:
    coordinates, _, rest = line.partition(" sha256:")
    parts: Iterable[str] = coordinates.split(":")
    match [*parts, rest.strip()]:
        case [group, artifact, version, sha256] if len(sha256) == 64:
            return Jar(group, artifact, version, sha256)
        case _:
            raise Trouble(f"{where}: expected `group:artifact:version sha256:<64 hex digits>`, found {line!r}")

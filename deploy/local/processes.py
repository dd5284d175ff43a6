"""One engine's process: started detached, found again by its pid file, ended by its pid alone."""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deploy.local.trouble import Trouble

_LOG_LIMIT = 16 * 1024 * 1024
_TAIL = 15
_KERNEL_THREAD = 0x00200000


@dataclass(frozen=True, slots=True)
class _Noted:
    pid: int
    ports: list[int]


@dataclass(frozen=True, slots=True)
class Child:
    """A process that outlives the command that started it.

    Its command line names `folder`, so a pid file left behind by a machine that went down, or one whose number the
    system has since given to another program, is recognised as stale.
    """

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def pid(self) -> int | None:
        """The living process, or None; a stale pid file counts as none."""
        noted = self._noted()
        return noted.pid if noted and self.folder.as_posix() in _command_line(noted.pid) else None

    def ports(self) -> list[int]:
        """Where the living process was told to listen."""
        noted = self._noted()
        return noted.ports if noted else []

    def spawn(self, argv: list[str], ports: Sequence[int], env: Mapping[str, str] | None = None) -> None:
        """In a session of its own, so that Ctrl-C in the terminal does not reach it; output is appended to the log."""
        _rotate(self.log)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self.log), flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        pid = os.posix_spawn(argv[0], argv, {**os.environ, **(env or {})}, file_actions=actions, setsid=True)
        self._pid_file.write_text(json.dumps({"pid": pid, "ports": list(ports)}))

    def wait_until(self, answers: Callable[[], bool], within: timedelta) -> None:
        """Raises Trouble with the end of the log when the process dies or does not answer in time."""
        until = time.monotonic() + within.total_seconds()
        while not answers():
            if self.pid() is None:
                raise Trouble(f"{self.name} ended while starting; the end of {self.log}:\n{self.tail(_TAIL)}")
            if time.monotonic() > until:
                raise Trouble(f"{self.name} does not answer after {within.seconds} s; see {self.log}")
            time.sleep(0.05)

    def stop(self, within: timedelta) -> bool:
        """Asks it to end, and after `within` makes it; False when it was not running."""
        was_running = self._end(signal.SIGTERM, within) or self.kill()
        self._pid_file.unlink(missing_ok=True)
        return was_running

    def kill(self) -> bool:
        """SIGKILL, as a machine that loses power would; False when it was not running."""
        return self._end(signal.SIGKILL, timedelta(seconds=10))

    def tail(self, lines: int) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _end(self, by: signal.Signals, within: timedelta) -> bool:
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, by)
        until = time.monotonic() + within.total_seconds()
        while self.pid() is not None or not _is_gone(pid):
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def _noted(self) -> _Noted | None:
        try:
            noted = json.loads(self._pid_file.read_text())
            return _Noted(int(noted["pid"]), [int(port) for port in noted["ports"]])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None  # none there, or cut off in the middle: nothing is known, as after a crash


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One command at a time on one engine: a second one waits here for the first to end."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _command_line(pid: int) -> str:
    """Empty when there is no such process, or when it has ended and only waits to be collected."""
    if not Path("/proc/self").exists():
        return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout
    try:
        while not (written := Path(f"/proc/{pid}/cmdline").read_text(errors="replace")):
            if _ended(pid):
                return ""
            time.sleep(0.001)  # it has only just become another program, its arguments are not there yet
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return written


def _ended(pid: int) -> bool:
    """State Z or X; a kernel thread, which never has a command line, counts as ended too (proc(5), stat: flags)."""
    state, *numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return state in "ZX" or bool(int(numbers[5]) & _KERNEL_THREAD)


def _is_gone(pid: int) -> bool:
    """Also its last thread: until then a killed process keeps its ports and files."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        threads = Path(f"/proc/{pid}/task")  # started by an earlier command: the system collects it, sooner or later
        return not threads.exists() or len(list(threads.iterdir())) <= 1


def _rotate(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))

"""`make up` and `make down` of the product itself: one process with all three services, its pid file and its log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("SHAOYIN_LOCAL", ROOT / ".local"))
PID = HOME / "product.pid"
LOG = HOME / "product.log"
HOST = os.environ.get("SHAOYIN_HOST", "127.0.0.1")
PORT = int(os.environ.get("SHAOYIN_PORT", "8000"))
ORIGIN = f"http://{HOST}:{PORT}"
READY_WITHIN = 60.0
ENDS_WITHIN = 15.0


def main() -> int:
    commands = {"start": start, "stop": stop, "logs": logs}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print("usage: python -m deploy.product start|stop|logs", file=sys.stderr)
        return 2
    return commands[sys.argv[1]]()


def start() -> int:
    """Idempotent: a product that runs already is left alone. Returns when every service is ready."""
    HOME.mkdir(parents=True, exist_ok=True)
    if _running() is None:
        if _answers():
            print(f"port {PORT} is in use by another program; set SHAOYIN_PORT to a free one", file=sys.stderr)
            return 2
        with LOG.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "services"], cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, env=_environment(),
            )  # fmt: skip
        PID.write_text(f"{process.pid}\n")
    return _wait_until_ready()


def _wait_until_ready() -> int:
    ends_at = time.monotonic() + READY_WITHIN
    while time.monotonic() < ends_at:
        if _ready():
            print(f"Shaoyin is ready: {ORIGIN}/          the form (表单)")
            print(f"                  {ORIGIN}/api/docs  the HTTP surface (接口)")
            print("                  make demo                     plays the story; make logs, make down")
            return 0
        if _running() is None:
            print(f"the product ended; the last lines of {LOG}:", file=sys.stderr)
            print("\n".join(LOG.read_text(errors="replace").splitlines()[-20:]), file=sys.stderr)
            return 1
        time.sleep(0.1)
    print(f"not ready within {READY_WITHIN:.0f} s; see {LOG}", file=sys.stderr)
    return 1


def _environment() -> dict[str, str]:
    """The engines of deploy/local, on whatever ports they were given; what is said outright wins."""
    kafka = f"127.0.0.1:{os.environ.get('SHAOYIN_KAFKA_PORT', '9092')}"
    mongo = f"mongodb://127.0.0.1:{os.environ.get('SHAOYIN_MONGO_PORT', '27017')}/?replicaSet=rs0"
    return {"SHAOYIN_KAFKA": kafka, "SHAOYIN_MONGO_URL": mongo, "SHAOYIN_ROUTER_URL": ORIGIN,
            "SHAOYIN_INTAKE_URL": ORIGIN, **os.environ}  # fmt: skip


def stop() -> int:
    pid = _running()
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        ends_at = time.monotonic() + ENDS_WITHIN
        while _running() is not None and time.monotonic() < ends_at:
            time.sleep(0.1)
        if _running() is not None:
            os.kill(pid, signal.SIGKILL)
    PID.unlink(missing_ok=True)
    return 0


def logs() -> int:
    """The last lines of the product and of both engines."""
    for file in dict.fromkeys((LOG, *sorted(HOME.glob("**/*.log")))):
        if file.exists():
            print(f"== {file.relative_to(HOME)}")
            print("\n".join(file.read_text(errors="replace").splitlines()[-40:]))
    return 0


def _running() -> int | None:
    """The pid, if that process is really ours; a pid file left behind by a crash counts for nothing."""
    try:
        pid = int(PID.read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"services" in command and state != "Z" else None


def _answers() -> bool:
    return _status("/health/live") is not None


def _ready() -> bool:
    return _status("/health/ready") == 200


def _status(path: str) -> int | None:
    try:
        with urllib.request.urlopen(f"{ORIGIN}{path}", timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())

"""`python -m deploy.local start|stop|wipe|status|logs`: the two engines on this machine, without containers."""

import argparse
import os
import sys
import time
from pathlib import Path

from deploy.local import kafka, mongo
from deploy.local.engines import ROOT, Engines
from deploy.local.processes import Child
from deploy.local.trouble import Trouble

HOME = "SHAOYIN_LOCAL"
_DEFAULTS = {kafka.PORT: 9092, kafka.CONTROLLER_PORT: 9093, mongo.PORT: 27017}


def main(arguments: list[str] | None = None) -> int:
    """0 when done; 1 with a message when not; 2 when a port is taken or the arguments are wrong. `status`: 3 when one
    of the engines is down.
    """
    asked = _parser().parse_args(arguments)
    try:
        engines = _engines(asked)
        return int(COMMANDS[asked.command](engines, asked) or 0)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.exit_code


def start(engines: Engines, asked: argparse.Namespace) -> None:
    engines.start()
    print(f"Kafka    {engines.kafka_address}\nMongoDB  {engines.mongo_url}\nfiles    {engines.home}")


def stop(engines: Engines, asked: argparse.Namespace) -> None:
    engines.stop()
    print("Kafka and MongoDB are stopped")


def wipe(engines: Engines, asked: argparse.Namespace) -> None:
    engines.wipe()
    print(f"Kafka and MongoDB are stopped, their data in {engines.home} is gone")


def status(engines: Engines, asked: argparse.Namespace) -> int:
    up = {}
    for engine in (engines.kafka, engines.mongo):
        up[engine.child.name] = engine.child.pid() is not None and engine.answers()
        state = f"answers, pid {engine.child.pid()}" if up[engine.child.name] else _down(engine.child)
        print(f"{engine.child.name:6} {engine.address:21} {state}")
    return 0 if all(up.values()) else 3


def logs(engines: Engines, asked: argparse.Namespace) -> None:
    children = [engines.kafka.child, engines.mongo.child]
    for child in children:
        print(f"== {child.log}\n{child.tail(asked.lines)}")
    if asked.follow:
        _follow(children)


COMMANDS = {"start": start, "stop": stop, "wipe": wipe, "status": status, "logs": logs}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--home", type=Path, help=f"where data and logs lie ({HOME}; .local beside the sources)")
    parser.add_argument("--kafka-port", type=int, help=f"{kafka.PORT}; {_DEFAULTS[kafka.PORT]}")
    parser.add_argument(
        "--controller-port", type=int, help=f"{kafka.CONTROLLER_PORT}; {_DEFAULTS[kafka.CONTROLLER_PORT]}"
    )
    parser.add_argument("--mongo-port", type=int, help=f"{mongo.PORT}; {_DEFAULTS[mongo.PORT]}")
    parser.add_argument("-n", "--lines", type=int, default=40, help="logs: how many of the last lines (40)")
    parser.add_argument("-f", "--follow", action="store_true", help="logs: go on printing what is added")
    return parser


def _engines(asked: argparse.Namespace) -> Engines:
    home = asked.home or Path(os.environ.get(HOME) or ROOT / ".local")
    return Engines(
        home,
        _port(asked.kafka_port, kafka.PORT),
        _port(asked.controller_port, kafka.CONTROLLER_PORT),
        _port(asked.mongo_port, mongo.PORT),
        mongo_cache_gb=mongo.cache_gb(),
    )


def _port(given: int | None, variable: str) -> int:
    said = str(given or os.environ.get(variable) or _DEFAULTS[variable])
    if not said.isdecimal() or not 0 < int(said) < 65536:
        raise Trouble(f"{variable} must be a port between 1 and 65535, not {said!r}")
    return int(said)


def _down(child: Child) -> str:
    return f"runs on {child.ports()}, but does not answer here" if child.pid() else "is not running"


def _follow(children: list[Child]) -> None:
    """Until Ctrl-C."""
    ends = {child: child.log.stat().st_size if child.log.exists() else 0 for child in children}
    while True:
        time.sleep(0.5)
        for child, end in ends.items():
            if child.log.exists() and child.log.stat().st_size > end:
                with child.log.open(errors="replace") as log:
                    log.seek(end)
                    print(f"{child.name:6} {log.read()}", end="", flush=True)
                    ends[child] = log.tell()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

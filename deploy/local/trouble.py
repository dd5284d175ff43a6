"""What can keep an engine from starting, each said in one sentence a person can act on."""


class Trouble(Exception):  # noqa: N818 - what the person reads, not a fault of the program
    """An engine cannot be started or stopped; the message is the whole report, no trace is needed."""

    exit_code = 1


class PortInUse(Trouble):
    """Another program listens where an engine should."""

    exit_code = 2

    def __init__(self, engine: str, port: int, variable: str) -> None:
        super().__init__(f"port {port} is in use by another program; {engine} needs it. Set {variable} to a free port.")


class WrongJar(Trouble):
    """A jar is not the one the lock file names; it was not kept."""


class JarsUnreachable(Trouble):
    """The jars are not here yet and could not be fetched."""

"""One JSON object a line on standard error, with nobody's name, telephone or identity card in it.

Whoever logs leaves personal data out; this is the last defence. In production an error's own message is written only
where it cannot carry what somebody sent: our errors, the interpreter's, the engines' connection errors.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from shaoyin.adapters.scrub import scrub

_TOLD = "told as error "
_QUIET = ("httpx", "httpcore", "pymongo", "aiokafka", "asyncio", "uvicorn.error", "multipart", "python_multipart")
_HARMLESS = (
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    NotImplementedError,
    RuntimeError,
    OSError,
    MemoryError,
)
_OURS = ("shaoyin.", "services.", "aiokafka.errors.")
_HARMLESS_NAMES = {"ServerSelectionTimeoutError", "AutoReconnect", "NetworkTimeout", "NotPrimaryError", "ConnectError"}
_FRAMES = 30
_CAUSES = 3
_LETTERS = 500
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_QUERY_CODE = re.compile(r"((?:^|/)(?:reports|alerts)/)[^/?#\s\"]+")

log = logging.getLogger("shaoyin.errors")


def log_to_stderr(level: int = logging.INFO, *, frank: bool = False, stream: TextIO | None = None) -> None:
    """The process's logging from now on. `frank` writes every error's message: for development and test only."""
    lines = logging.StreamHandler(stream or sys.stderr)
    lines.setFormatter(JsonLines(frank=frank))
    lines.addFilter(LastDefence())
    logging.raiseExceptions = False  # a broken log call must not print its arguments
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True  # web.py writes the masked line


def tell_error(error: BaseException, **where: object) -> str:
    """Logs an error nobody expected, once, and returns the id under which it is found in the log."""
    error_id = secrets.token_hex(6)
    error.add_note(_TOLD + error_id)
    log.error("unexpected error", exc_info=error, extra={"error_id": error_id, **where})
    return error_id


class LastDefence(logging.Filter):
    """Scrubs message and arguments, and drops the server's second telling of an error that `tell_error` told."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "uvicorn.error" and record.exc_info and _told(record.exc_info[1]):
            return False
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = str(record.msg)
        record.msg, record.args = without_persons(message), None
        return True


class JsonLines(logging.Formatter):
    def __init__(self, *, frank: bool = False) -> None:
        super().__init__()
        self._frank = frank

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        error = record.exc_info[1] if record.exc_info else None
        line = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_clean(extra),
            **({"error": _error(error, frank=self._frank)} if error else {}),
        }
        return json.dumps(line, ensure_ascii=False, default=_as_text)


def without_persons(text: str) -> str:
    """Scrubbed, and without the code of a path: who has it can read and rate the report, or answer the alert
    (mechanics 9).
    """
    return scrub(_QUERY_CODE.sub(r"\1***", text))


def _told(error: BaseException | None) -> bool:
    return any(note.startswith(_TOLD) for note in getattr(error, "__notes__", ()))


def _clean(extra: Mapping[str, object]) -> dict[str, Any]:
    return {key: _cleaned(value) for key, value in extra.items()}


def _cleaned(value: object) -> object:
    match value:
        case None | bool() | float():
            return value
        case int():
            text = str(value)
            return value if without_persons(text) == text else without_persons(text)
        case dict():
            return {without_persons(str(key)): _cleaned(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned(each) for each in value]
        case _:
            return without_persons(str(value))


def _as_text(value: object) -> str:
    return without_persons(str(value))


def _error(error: BaseException, *, frank: bool, causes: int = _CAUSES) -> dict[str, object]:
    kind = type(error)
    told: dict[str, object] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    if frank or _harmless(error):
        told["text"] = without_persons(str(error))[:_LETTERS]
    if isinstance(code := getattr(error, "code", None), int | str):
        told["code"] = _cleaned(code)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause and causes:
        told["cause"] = _error(cause, frank=frank, causes=causes - 1)
    return told


def _harmless(error: BaseException) -> bool:
    """Not so for ValueError or KeyError, for pydantic's and the drivers': they quote what they were given."""
    kind = type(error)
    if kind.__module__ == "builtins":
        return isinstance(error, _HARMLESS) and not isinstance(error, UnicodeError)
    return f"{kind.__module__}.".startswith(_OURS) or kind.__name__ in _HARMLESS_NAMES

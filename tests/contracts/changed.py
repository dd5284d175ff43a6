"""Messages as another program, an older or a newer release might have written them."""

import json
from dataclasses import replace

from shaoyin.contracts.envelope import Written


def with_headers(message: Written, **changed: bytes | None) -> Written:
    """None leaves the header out."""
    headers = dict(message.headers) | {name: value for name, value in changed.items() if value is not None}
    return replace(message, headers=tuple(each for each in headers.items() if changed.get(each[0], b"") is not None))


def with_data(message: Written, **changed: object) -> Written:
    body = json.loads(message.value)
    return replace(message, value=json.dumps(body | {"data": body["data"] | changed}).encode())

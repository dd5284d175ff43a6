"""One call to a provider and what its answer means, as far as every provider means the same by it.

HTTP 200 says only that somebody answered: whether the message was taken is read from the body, by the channel.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import NamedTuple

import httpx
from pydantic_core import from_json

from services.notify.channels.lines import BODY_AT_MOST, Addresses, Lines, as_named
from services.notify.channels.sender import Said
from shaoyin.adapters.clock import SystemClock

log = logging.getLogger(__name__)
WITHIN = timedelta(seconds=10)
AT_ONCE = 20
"""Requests under way on one client."""
LONGEST_WAIT = timedelta(hours=1)
"""A longer Retry-After is taken as this long: an alert is worth nothing by then, and the next channel has its turn."""


class _Client(httpx.AsyncClient):
    """Gives a request to its lines as it is: there are no cookies, no redirects, and whoever asks signs the request."""

    def __init__(self, base_url: str, lines: Lines) -> None:
        super().__init__(base_url=base_url, transport=lines, trust_env=False)
        self._lines = lines

    async def send(self, request: httpx.Request, *, stream: bool = False, **_: object) -> httpx.Response:
        """Raises httpx.TransportError."""
        response = await self._lines.handle_async_request(request)
        response.request = request
        log.debug("%s %s answered %s", request.method, request.url.host, response.status_code)
        if not stream:
            await response.aread()
        return response


def client_of(
    base_url: str, *, addresses: Addresses = as_named, verify: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """One bounded client a host. It follows no redirect and reads no proxy from the environment."""
    lines = Lines(addresses, verify or _trusted(), AT_ONCE)
    return _Client(base_url, lines)


@cache
def _trusted() -> ssl.SSLContext:
    """Who vouches for providers: read once, for all of them."""
    return httpx.create_ssl_context(trust_env=False)


class NotCalled(Exception):  # noqa: N818 - said of the address
    """There is no connection, and `said` tells why."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.code)
        self.said = said


class Answer(NamedTuple):
    """A whole answer, of any status."""

    status: int
    headers: httpx.Headers
    body: bytes


async def called(client: httpx.AsyncClient, request: httpx.Request) -> Answer | Said:
    """The whole answer where its status is 2xx, or what the failure means."""
    answer = await answered(client, request)
    if isinstance(answer, Said) or httpx.codes.is_success(answer.status):
        return answer
    return meaning_of_status(answer.status, answer.headers)


async def answered(client: httpx.AsyncClient, request: httpx.Request) -> Answer | Said:
    """The whole answer, of any status: for providers that say in the body why they refused. At most 10 s in all."""
    try:
        async with asyncio.timeout(WITHIN.total_seconds()):
            return await _whole(client, request)
    except TimeoutError:
        return Said("retry", "timeout")


async def _whole(client: httpx.AsyncClient, request: httpx.Request) -> Answer | Said:
    try:
        response = await client.send(request, stream=True)
        try:
            body = await _read(response)
        finally:
            await response.aclose()
    except httpx.TimeoutException:
        return Said("retry", "timeout")
    except httpx.ConnectError as error:
        return _not_connected(error)
    except httpx.TransportError:
        return Said("retry", "cut")
    except httpx.DecodingError:
        return Said("retry", "not_readable")
    return Answer(response.status_code, response.headers, body)


def _not_connected(error: BaseException) -> Said:
    """The reason lies beneath."""
    beneath: BaseException | None = error
    while beneath is not None:
        match beneath:
            case NotCalled(said=said):
                return said
            case ssl.SSLCertVerificationError():
                return Said("retry", "certificate")
        beneath = beneath.__cause__
    return Said("retry", "no_connection")


async def _read(response: httpx.Response) -> bytes:
    """Bounded. Raises TransportError where the rest was cut off or where it never ends."""
    read = bytearray()
    async for part in response.aiter_bytes():
        read += part
        if len(read) > BODY_AT_MOST:
            raise httpx.ReadError("the answer does not end")
    return bytes(read)


def meaning_of_status(status: int, headers: httpx.Headers) -> Said:
    """Of an answer that is not 2xx, where the provider's documents say nothing more exact."""
    code = f"http_{status}"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Said("quota", code, retry_after(headers))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return Said("retry", code, retry_after(headers))
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Said("bad_key", code)
    if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        return Said("unknown_address", code)
    return Said("refused", code)


def retry_after(headers: httpx.Headers) -> timedelta | None:
    """RFC 9110 10.2.3: seconds or a date. None where it says nothing that can be read."""
    seconds = seconds_in(headers, "retry-after")
    if seconds is not None:
        return seconds
    try:
        at = parsedate_to_datetime(headers.get("retry-after", "").strip())
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        return None
    return min(max(at - SystemClock().now(), timedelta()), LONGEST_WAIT)


def seconds_in(headers: httpx.Headers, name: str) -> timedelta | None:
    said = headers.get(name, "").strip()
    if not (said.isascii() and said.isdigit()):
        return None
    return min(timedelta(seconds=int(said[:9])), LONGEST_WAIT)


def object_in(answer: Answer) -> Mapping[str, object] | Said:
    """The JSON object in the answer; a page, half a body and nothing at all are `not_json`, to be tried again."""
    try:
        body = from_json(answer.body)
    except ValueError:
        return Said("retry", "not_json")
    return body if isinstance(body, dict) else Said("retry", "not_json")

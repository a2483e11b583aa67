"""What an HTTP answer says, in words that may be shown."""

import contextlib
import email.utils
import re
import time
from collections.abc import Mapping
from typing import Any

import httpx

from shipit import masking
from shipit.adapters.http.limits import Watch, charset

_HALF = re.compile(rb"\\\0{0,3}u\0{0,3}[dD]\0{0,3}[89a-fA-F]")
"""How JSON spells half of a character, or both halves of one, in any encoding that it has."""


def whole(answer: httpx.Response, watch: Watch) -> httpx.Response:
    """Read an answer to its end within the limits; raises OverLimit."""
    try:
        body = b"".join(watch.pieces(answer.iter_bytes()))
    finally:
        answer.close()
    packed = {b"content-encoding", b"content-length", b"transfer-encoding"}
    read = httpx.Response(
        answer.status_code,
        headers=[(name, value) for name, value in answer.headers.raw if name.lower() not in packed],
        content=body,
        request=answer.request,
        extensions=answer.extensions,
        history=answer.history,
        default_encoding="utf-8",
    )
    read.encoding = charset(answer.charset_encoding)
    return read


def asked_pause(answer: httpx.Response) -> float:
    """Read the pause in seconds that is asked for: Retry-After, else until the limit is reset, else 0."""
    asked = answer.headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked)
    if moment := email.utils.parsedate_tz(asked):
        with contextlib.suppress(ValueError, OverflowError):  # a date that no calendar has
            return max(0.0, email.utils.mktime_tz(moment) - time.time())
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - time.time())
    return 0.0


def json_of(answer: httpx.Response) -> Any:
    """Return its JSON with `?` for half a character, which no text can have; raises ValueError or RecursionError.

    JSON may spell one as an escape, and neither a terminal nor a file nor an address can take it.
    """
    found = answer.json()
    return _without_halves(found) if _HALF.search(answer.content) else found


def _without_halves(found: Any) -> Any:
    if isinstance(found, str):
        return found.encode("utf-8", "replace").decode("utf-8")
    if isinstance(found, list):
        return [_without_halves(one) for one in found]
    if isinstance(found, dict):
        return {_without_halves(key): _without_halves(value) for key, value in found.items()}
    return found


def evidence(answer: httpx.Response) -> list[str]:
    """Tell what was asked, what came back, and what its body adds: a few short lines."""
    lines = [f"{answer.request.method} {masked_url(answer.request)} → {answer.status_code} {answer.reason_phrase}"]
    return [*lines, *(masking.mask(line) for line in _details(answer))]


def summary_of(answer: httpx.Response) -> str:
    """Tell in the server's own words, else by its status."""
    message = _body(answer).get("message")
    return masking.mask(str(message)) if message else f"{answer.status_code} {answer.reason_phrase}"


def _details(answer: httpx.Response) -> list[str]:
    body = _body(answer)
    if not body:
        return answer.text.strip()[:300].splitlines()[:3]
    errors = body.get("errors")
    errors = errors if isinstance(errors, list) else []
    return [str(body.get("message", "")), *(str(error) for error in errors[:5])]


def _body(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = json_of(answer)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def masked_url(request: httpx.Request) -> str:
    """Tell the address without what may stand in it and is nobody's business."""
    return masking.mask(str(request.url.copy_with(username=None, password=None)))

"""What a registry says when it refuses, and what a person can do about it."""

from collections.abc import Iterator
from typing import Any

import httpx

from shipit import masking
from shipit.adapters.http.answers import json_of, masked_url
from shipit.errors import Denied

PULL, PUSH = "pull", "pull,push"
"""What is to be done with a repository, as token services write it."""
_WORDS = {PULL: "read", PUSH: "write"}


def refuse(answer: httpx.Response, registry: str, repository: str, actions: str, *, is_known: bool) -> Denied:
    """Make the error for an answer that will be the same next time; `is_known` says that a login was sent."""
    said = [masking.mask(line) for line in errors(answer)]
    return Denied(
        f"the registry {registry} refused: {said[0] if said else f'{answer.status_code} {answer.reason_phrase}'}",
        where=masked_url(answer.request),
        evidence=[request_line(answer), *said],
        hint=_hint(answer, registry, repository, actions, is_known=is_known),
    )


def request_line(answer: httpx.Response) -> str:
    """What was asked and what came back, in one line."""
    return f"{answer.request.method} {masked_url(answer.request)} → {answer.status_code} {answer.reason_phrase}"


def errors(answer: httpx.Response) -> list[str]:
    """The registry's own words, `CODE: message`, at most five of them."""
    try:
        body = json_of(answer)
    except (ValueError, RecursionError):
        return []
    return list(_lines(body))[:5]


def codes(answer: httpx.Response) -> frozenset[str]:
    return frozenset(line.partition(":")[0] for line in errors(answer))


def _lines(body: Any) -> Iterator[str]:
    found = body.get("errors") if isinstance(body, dict) else None
    for error in found if isinstance(found, list) else [body]:
        if isinstance(error, dict):
            parts = (error.get("code"), error.get("message") or error.get("details"))
            if line := ": ".join(str(part)[:300] for part in parts if part):
                yield line


def _hint(answer: httpx.Response, registry: str, repository: str, actions: str, *, is_known: bool) -> str | None:
    if answer.status_code not in {401, 403}:
        return _REASONS.get(next(iter(codes(answer) & _REASONS.keys()), ""))
    if not is_known:
        return f"log in with docker login {registry}, or set registry.username and registry.password"
    right = "packages: read" if actions == PULL else "packages: write"
    return (
        f"the login may be wrong or expired, or lacks the right to {_WORDS[actions]} {repository};"
        f" on GitHub a token needs `{right}`, and the package must give its repository access"
    )


_REASONS = {
    "MANIFEST_BLOB_UNKNOWN": "the layers of the image are not in this repository: push the image there first",
    "BLOB_UNKNOWN": "the layers of the image are not in this repository: push the image there first",
    "NAME_UNKNOWN": "check registry.host, registry.namespace and the name of the image",
    "NAME_INVALID": "check registry.host, registry.namespace and the name of the image",
}

"""What one answer of a public address says about the version that is to be live."""

import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from shipit.config.tables.deployments import SmokeCheck
from shipit.model import Answer, Revision

_LOGIN = re.compile(
    r"(?:^|[/._?=&-])(?:log-?in|sign-?in|sso|oauth2?|saml|auth|authenticate)(?:$|[/._?=&-])", re.IGNORECASE
)
_PASSWORD_FIELD = re.compile(rb"""<input[^>]+type\s*=\s*["']?password""", re.IGNORECASE)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SHORT = 7
"""Characters from which on a shortened commit id counts."""
_WIDTH = 60


class Verdict(Struct, frozen=True):
    """Whether an answer is what was asked for, and what it was, in words."""

    is_right: bool
    words: str


def assess(check: SmokeCheck, answer: Answer, revision: Revision) -> Verdict:
    """Compare status and JSON; a redirect and a login page are named as what they are."""
    if answer.error:
        return Verdict(False, f"no answer: {answer.error}")
    if answer.status in _REDIRECTS and answer.status != check.status:
        return Verdict(False, _redirected(answer))
    if answer.status != check.status:
        return Verdict(False, f"answered {answer.status}, not {check.status}")
    if not check.json:
        return Verdict(True, f"answered {answer.status}")
    found, why = _object(answer)
    if why:
        return Verdict(False, why)
    wrong = [words for key, wanted in check.json.items() if (words := _differs(found, key, wanted, revision))]
    return Verdict(not wrong, "; ".join(wrong) or _carried(check, revision))


def proves(checks: tuple[SmokeCheck, ...]) -> str:
    """What the checks can tell apart: `commit`, `version`, or nothing."""
    wanted = " ".join(value for check in checks for value in check.json.values())
    return next((what for what in ("commit", "version") if f"{{{what}}}" in wanted), "")


def _redirected(answer: Answer) -> str:
    try:
        target = urljoin(answer.url, answer.location)
        asked, leads = urlsplit(answer.url), urlsplit(target)
    except ValueError:  # whatever it is, it is no address
        return f"answered {answer.status} to {answer.location}"
    if _LOGIN.search(f"{leads.netloc}{leads.path}"):
        return f"a login page stands in front of it: {answer.status} to {target}"
    if leads.netloc != asked.netloc:
        return f"another host answers: {answer.status} to {target}"
    return f"answered {answer.status} to {target}"


def _object(answer: Answer) -> tuple[Any, str]:
    """The JSON of an answer, or why it has none."""
    try:
        return json.loads(answer.body), ""
    except ValueError:
        if _PASSWORD_FIELD.search(answer.body):
            return None, f"a login page stands in front of it: {answer.status} with a field for a password"
        start = " ".join(answer.body[:200].decode("utf-8", "replace").split())
        shown = start if len(start) <= _WIDTH else start[: _WIDTH - 1] + "…"
        return None, f"answered {answer.status} with something that is no JSON: {shown or 'nothing'}"


def _differs(found: Any, key: str, template: str, revision: Revision) -> str:
    """How the value of a key differs; empty if it does not."""
    wanted, value = revision.fill(template), _value(found, key)
    if value is None:
        return f"the answer has no {key}"
    text = _text(value)
    is_short = template == "{commit}" and len(text) >= _SHORT and wanted.startswith(text)
    return "" if text == wanted or is_short else f"{key} is {text[:_WIDTH]}, not {wanted}"


def _value(found: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _carried(check: SmokeCheck, revision: Revision) -> str:
    return ", ".join(f"{key} {revision.fill(template)}" for key, template in check.json.items())

"""GitHub's code scanning: uploads of SARIF, and how far each is.

https://docs.github.com/rest/code-scanning
"""

import base64
import gzip
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from shipit.adapters.github.client import GitHubClient
from shipit.errors import Denied, Unavailable
from shipit.scans.publication import Processing, Receipt, Upload

PAUSES = (1.0, 2.0, 4.0)
"""Seconds before each further try where GitHub says that it cannot take an upload now."""
_TOO_LARGE = 413
_PATH = "~/code-scanning/sarifs"
_OFF = re.compile(r"(advanced|code) security must be enabled|code scanning is not enabled", re.IGNORECASE)
_HINT = (
    "the token needs `security-events: write`: in GitHub Actions add it to `permissions:`,"
    " with `contents: read` and, in a private repository, `actions: read`"
)


class CodeScanning:
    """Plays gates.ports.CodeScanning.

    `read_only` says why the token of this run can have no right to write, empty where it can.
    """

    def __init__(
        self, client: GitHubClient, read_only: str = "", *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.client = client
        self.read_only = read_only
        self.pause = pause

    def send(self, upload: Upload) -> Receipt:
        """Send it, again where GitHub cannot take it now, and once more where no answer came.

        GitHub keeps one analysis for a category and a commit, the newest: a second upload does no harm.
        """
        pauses, lost = iter(PAUSES), 0
        while True:
            try:
                return self._sent(_body(upload))
            except Unavailable as error:
                is_later = any("→ 503" in line for line in error.evidence)
                lost += not is_later
                pause = next(pauses, None)
                if pause is None or lost > 1:
                    raise
                self.pause(pause)

    def processing(self, number: str) -> Processing:
        """How far it is; what GitHub does not know yet is pending."""
        try:
            found = self.client.find(f"{_PATH}/{number}")
        except Denied as error:
            raise _with_hint(error) from error
        return Processing("pending") if found is None else _processing(found)

    def _sent(self, body: Mapping[str, object]) -> Receipt:
        try:
            answer = self.client.write("POST", _PATH, body, accept=(_TOO_LARGE,))
        except Denied as error:
            if why := self._declined(error):
                return Receipt(declined=why)
            raise _with_hint(error) from error
        if answer.status_code == _TOO_LARGE:
            return Receipt(is_too_large=True)
        found = self.client.http.decoded(answer)
        number = found.get("id") if isinstance(found, Mapping) else None
        if not isinstance(number, str) or not re.fullmatch(r"[\w-]{1,100}", number):
            raise Unavailable("GitHub took an upload of SARIF, and gives no id of it", evidence=[_PATH[1:]])
        return Receipt(id=number)

    def _declined(self, error: Denied) -> str:
        """Why GitHub takes no upload where no change of the workflow would help; empty for other refusals."""
        if not _has_status(error, 403):
            return ""
        if _OFF.search(error.what):
            return error.what
        return self.read_only if "not accessible by" in error.what.lower() else ""


def _body(upload: Upload) -> Mapping[str, object]:
    return {
        "commit_sha": upload.commit,
        "ref": upload.ref,
        "sarif": base64.b64encode(gzip.compress(upload.data, mtime=0)).decode(),
        "checkout_uri": upload.checkout_uri,
        "started_at": upload.started_at,
        "tool_name": "shipit",
        "validate": True,
    }


def _processing(found: Any) -> Processing:
    state = found.get("processing_status", "pending") if isinstance(found, Mapping) else None
    if not isinstance(state, str) or state not in {"pending", "complete", "failed"}:
        raise Unavailable("GitHub does not say how far an upload of SARIF is", evidence=[str(state)[:100]])
    errors = found.get("errors")
    return Processing(state, tuple(str(one) for one in errors) if isinstance(errors, list) else ())


def _with_hint(error: Denied) -> Denied:
    """GitHub says 404 to a token that may not even read."""
    is_right = _has_status(error, 403) or _has_status(error, 404)
    hint = _HINT if is_right else error.hint
    return Denied(error.what, where=error.where, evidence=error.evidence, hint=hint)


def _has_status(error: Denied, status: int) -> bool:
    return any(f"→ {status}" in line for line in error.evidence)

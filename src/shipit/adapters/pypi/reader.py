"""Reading a package index over HTTP: a project's page, and the bytes behind it."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from shipit.adapters.http import client as http
from shipit.adapters.http import download
from shipit.adapters.http.limits import Limits, is_read
from shipit.adapters.pypi import simple_page
from shipit.adapters.python import distribution
from shipit.errors import Denied, Unavailable, UsageError

_WHO = (401, 403)
_REFUSALS = range(400, 500)
_UNCLEAR = frozenset({*_WHO, *http.PASSING})
"""Statuses that do not tell whether there is an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the simple index at `url`; `name` is what people call it.

    `authorization` is sent to that host alone, and only when it asks who reads: most indexes are read by everybody.
    """

    url: str
    name: str
    authorization: Mapping[str, str] = field(default_factory=dict, repr=False)
    pause: Callable[[float], None] = time.sleep
    limits: Limits = field(default_factory=Limits)

    def page(self, project: str) -> simple_page.Page | None:
        """Read a project's page; None if the index does not know the project."""
        with closing(self._client()) as client:
            answer = self._ask(client, self._address(project), (404,))
            if answer.status_code == 404:
                return None
            if answer.charset_encoding and not is_read(answer.charset_encoding):
                raise Unavailable(
                    f"the package index {self.name} sent a page in an encoding that is not read",
                    where=str(answer.url),
                    evidence=[f"{answer.url}: charset {answer.charset_encoding!a:.50}"],
                )
            return simple_page.read(answer.headers.get("Content-Type", ""), answer.text, str(answer.url))

    def sha256(self, file: simple_page.File) -> str | None:
        """Give what the page says, else hash the file itself; None where it is not to be had."""
        if file.sha256:
            return file.sha256
        with closing(self._client()) as client:
            for headers in ({}, self._credentials(file.url)):
                try:
                    return download.sha256(client, http.Request(method="GET", path=file.url, headers=headers))
                except Denied:
                    continue
                except UsageError as error:  # the page says so, and not the configuration
                    raise Unavailable(
                        f"the package index {self.name} names an address that cannot be read",
                        where=self.url,
                        evidence=[error.what],
                    ) from None
        return None

    def is_index(self, url: str) -> bool:
        """Whether this may be the root of a simple index: a root that is refused is none."""
        with closing(self._client()) as client:
            answer = self._ask(client, url, _REFUSALS, stream=True)
            answer.close()  # unread: it may name half a million projects
        return answer.is_success or answer.status_code in _UNCLEAR

    def is_for_members(self, project: str) -> bool:
        """Whether only those may read who say who they are."""
        request = http.Request(method="GET", path=self._address(project))
        with closing(self._client()) as client:
            return client.ask(request, accept=_REFUSALS).status_code in _WHO

    def _ask(self, client: http.Client, url: str, accept: Sequence[int], *, stream: bool = False) -> httpx.Response:
        headers = {"Accept": simple_page.ACCEPT}
        request = http.Request(method="GET", path=url, headers=headers)
        answer = client.ask(request, accept=(*_WHO, *accept), stream=stream)
        if answer.status_code not in _WHO:
            return answer
        answer.close()
        known = http.Request(method="GET", path=url, headers={**headers, **self._credentials(url)})
        return client.ask(known, accept=accept, stream=stream)

    def _credentials(self, url: str) -> Mapping[str, str]:
        return self.authorization if origin(url) == origin(self.url) else {}

    def _address(self, project: str) -> str:
        return f"{self.url.rstrip('/')}/{distribution.normalise(project)}/"

    def _client(self) -> http.Client:
        return http.Client(
            self.url, http.Dialect(name=f"the package index {self.name}"), pause=self.pause, limits=self.limits
        )


def origin(url: str) -> tuple[str, str]:
    """Tell scheme and host: credentials for one are nobody else's business."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc

"""A package index over HTTP: read through its simple pages, written by a twine child."""

import base64
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from shipit import masking
from shipit.adapters import process
from shipit.adapters.http.limits import Limits
from shipit.adapters.pypi import twine
from shipit.adapters.pypi.reader import Reader, origin
from shipit.adapters.pypi.readiness import reading_problems
from shipit.adapters.python import attestation, distribution
from shipit.adapters.python.virtualenv import PATIENCE, Source
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, UsageError

TOKEN_USER = "__token__"  # noqa: S105 - the user name that goes with an API token
LAG = 60.0
"""Seconds that an index may take to show what it accepted: public ones sit behind caches."""

_OFFERS = (
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"),  # GitHub
    ("GITLAB_CI", "PYPI_ID_TOKEN"),
    ("GITLAB_CI", "TESTPYPI_ID_TOKEN"),
    ("GOOGLE_SERVICE_ACCOUNT_NAME",),
    ("BUILDKITE",),
    ("CIRCLECI",),
)
"""Variables that together say: this CI can prove who it is (those that `id`, twine's helper, looks for)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwineIndex:
    """Plays ports.Index for any index that takes uploads the way PyPI does.

    Without credentials twine proves who it is by the CI's own identity (trusted publishing), if it has one.
    `is_looking`: nothing is uploaded from here, so that it is only said that there is none.
    """

    upload_url: str
    simple_url: str
    simple_is_guessed: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    is_looking: bool = False
    pause: Callable[[float], None] = time.sleep
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.password:
            masking.register(self.password)
        for url in (self.upload_url, self.simple_url):
            if "@" in urlsplit(url).netloc:  # it would stand in argv, and in every log
                raise UsageError(
                    "the address of the package index carries credentials",
                    where=_without_user(url),
                    hint="move them to index.username and index.password",
                )

    @classmethod
    def public(
        cls,
        kind: Literal["pypi", "testpypi"],
        username: str | None,
        password: str | None,
        *,
        is_looking: bool = False,
    ) -> Self:
        """PyPI or TestPyPI, where twine says that they are."""
        from twine import repository, utils  # noqa: PLC0415 - 0.3 s that only the public indexes cost

        if kind == "pypi":
            return cls(
                upload_url=utils.DEFAULT_REPOSITORY,
                simple_url=f"{repository.WAREHOUSE_WEB}simple/",
                username=username,
                password=password,
                is_looking=is_looking,
            )
        return cls(
            upload_url=utils.TEST_REPOSITORY,
            simple_url=f"{repository.TEST_WAREHOUSE}simple/",
            username=username,
            password=password,
            is_looking=is_looking,
        )

    @property
    def name(self) -> str:
        return urlsplit(self.upload_url).netloc

    def problems(self, project: str) -> Sequence[Problem]:
        guessed_from = self.upload_url if self.simple_is_guessed else None
        return (*reading_problems(self._reader, project, guessed_from), *self._unauthorised())

    def hashes(self, project: str, version: str) -> Mapping[str, str | None]:
        """Hash the files themselves where the page gives no sha256: nothing else proves what they hold."""
        reader = self._reader
        page = reader.page(project)
        files = page.files if page else ()
        return {file.name: reader.sha256(file) for file in files if distribution.is_of(file.name, project, version)}

    def unlisted(self, project: str, version: str) -> Mapping[str, str | None]:
        """An index over HTTP shows nothing but what it lists."""
        return {}

    def versions(self, project: str) -> Sequence[str]:
        page = self._reader.page(project)
        return distribution.versions(page.offered if page else (), project)

    def source(self, project: str) -> Source:
        """Tell where pip finds what is released; with a login only where nobody else may read this project."""
        reader = self._reader
        if self.password and reader.authorization and reader.is_for_members(project):
            return Source(self.simple_url, (self.username or TOKEN_USER, self.password))
        return Source(self.simple_url)

    def _names(self, project: str) -> Sequence[str]:
        page = self._reader.page(project)
        return page.names if page else ()

    def upload_argv(self) -> Sequence[str]:
        return twine.upload_argv(self.upload_url, Path("<file>"))

    def upload(self, path: Path, say: Say) -> None:
        """Upload one file and wait until the index shows it, for a minute at most.

        Raises Denied or Unavailable with twine's last words; the file may be there all the same.
        """
        found = distribution.parse_known(path.name)
        argv = twine.upload_argv(self.upload_url, path, self._attestation(path, say))
        shortened = twine.shorten(say)
        finished = process.follow(argv, shortened, env=self._variables, timeout=PATIENCE)
        if finished.code:
            if twine.may_be_there(finished.text):
                with suppress(ExternalError):  # what twine says is the reason
                    self._await(found)
            raise twine.explain(self.name, path.name, finished.text)
        self._await(found)

    def _attestation(self, path: Path, say: Say) -> Path | None:
        """Give the attestation that goes along; the public indexes take one from a trusted publisher only."""
        found = attestation.beside(path)
        if found is None or (self.password is None and self._is_public()):
            return found
        say(f"{found.name} is not uploaded: only PyPI takes attestations, and only from trusted publishing")
        return None

    def _await(self, found: distribution.Distribution) -> None:
        deadline = time.monotonic() + LAG
        while found.file not in self._names(found.project):
            if time.monotonic() > deadline:
                return  # the engine looks again and says what it sees
            self.pause(2)

    @property
    def _variables(self) -> Mapping[str, str | None]:
        """What twine alone gets to see; a name of ours that it must not use is taken away."""
        user = self.username or (TOKEN_USER if self.password else None)
        return {
            "TWINE_USERNAME": user,
            "TWINE_PASSWORD": self.password,
            "TWINE_REPOSITORY": None,
            "TWINE_REPOSITORY_URL": None,
            "COLUMNS": "1000",  # a message broken in two would slip through the mask
        }

    @property
    def _reader(self) -> Reader:
        return Reader(
            url=self.simple_url,
            name=self.name,
            authorization=self._authorization(),
            pause=self.pause,
            limits=self.limits,
        )

    def _authorization(self) -> Mapping[str, str]:
        """Credentials for reading, only where the same host takes the uploads."""
        if self.password is None or origin(self.simple_url) != origin(self.upload_url):
            return {}
        pair = f"{self.username or TOKEN_USER}:{self.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def _unauthorised(self) -> Iterator[Problem]:
        if self.password or (self.username is None and _offers_identity() and self._is_public()):
            return
        hint = "set index.username and index.password, e.g. to env:INDEX_PASSWORD"
        if os.environ.get("GITHUB_ACTIONS") and self._is_public():
            hint = "give the job `permissions: id-token: write` for trusted publishing, or set index.password"
        missing = "a user name without a password" if self.username else "neither password nor trusted publishing"
        is_elsewhere = self.is_looking and self._is_public() and not os.environ.get("GITHUB_ACTIONS")
        if is_elsewhere:
            hint = f"release in CI, which {self.name} can trust; or {hint}"
        yield Problem(f"there are no credentials for {self.name}", missing, hint, is_warning=is_elsewhere)

    def _is_public(self) -> bool:
        from twine import utils  # noqa: PLC0415 - as above

        return self.upload_url.startswith((utils.DEFAULT_REPOSITORY, utils.TEST_REPOSITORY))


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _offers_identity() -> bool:
    return any(all(os.environ.get(name) for name in names) for names in _OFFERS)

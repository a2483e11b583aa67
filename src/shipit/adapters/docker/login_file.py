"""The login of the configuration, as docker and buildah read it: a file for the time that a child runs.

The folder of docker's own configuration is not changed: a private one links to all that is in it, but for the file
with the logins, which is a copy with one more. So plugins, contexts and other registries' logins are found as ever.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from shipit import masking
from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.oci.login import Login
from shipit.adapters.oci.reference import HUB
from shipit.errors import ExternalError

_HUB_KEY = "https://index.docker.io/v1/"
_FILE = "config.json"

Table = Mapping[str, Any]


class LoginFile:
    """For any number of children at once; `login` gives that of a registry, None to leave it to docker."""

    def __init__(self, login: Callable[[str], Login | None], folder: ClaimedFolder) -> None:
        self._login = login
        self._folder = folder
        self._in_use = 0
        self._one_at_a_time = Lock()

    @contextmanager
    def for_docker(self, host: str) -> Iterator[Mapping[str, str | None]]:
        """What to add to the environment of a child that talks to this registry."""
        login = self._login(host)
        if login is None:
            yield {}
            return
        with self._private() as folder:
            own = docker_folder()
            for entry in own.iterdir() if own.is_dir() else ():
                if entry.name != _FILE:
                    (folder / entry.name).symlink_to(entry.absolute())
            _write(folder / _FILE, with_login(read(own / _FILE), host, login))
            yield {"DOCKER_CONFIG": str(folder)}

    @contextmanager
    def for_buildah(self, host: str) -> Iterator[Mapping[str, str | None]]:
        """The same for buildah, which knows docker's logins and has some of its own."""
        login = self._login(host)
        if login is None:
            yield {}
            return
        with self._private() as folder:
            _write(folder / "auth.json", with_login_for_buildah(_buildah_files(), host, login))
            yield {"REGISTRY_AUTH_FILE": str(folder / "auth.json")}

    @contextmanager
    def _private(self) -> Iterator[Path]:
        """A folder that is removed with what is in it; the last one takes along what runs that died have left."""
        with self._one_at_a_time:
            try:
                path = Path(tempfile.mkdtemp(dir=self._folder.claim()))
            except OSError as error:
                raise ExternalError(
                    "there is no place for the login of the registry",
                    where=str(self._folder.base),
                    evidence=[error.strerror or str(error)],
                ) from None
            self._in_use += 1
        try:
            yield path
        finally:
            with self._one_at_a_time:
                shutil.rmtree(path, ignore_errors=True)
                self._in_use -= 1
                if not self._in_use:
                    self._folder.clear()


def docker_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where docker's own configuration is."""
    return Path(environment.get("DOCKER_CONFIG") or Path(environment.get("HOME") or "~").expanduser() / ".docker")


def read(path: Path) -> Table:
    """A file of docker's; empty where there is none, or one that docker would warn about and go on without."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def with_login(config: Table, host: str, login: Login) -> Table:
    """Docker's own configuration with one more login, which goes before every store and helper."""
    key = _HUB_KEY if host == HUB else host
    auths, helpers = _table(config, "auths"), _table(config, "credHelpers")
    return {**config, "auths": {**auths, key: _entry(login)}, "credHelpers": {**helpers, key: ""}}


def with_login_for_buildah(files: Iterable[Table], host: str, login: Login) -> Table:
    """One file for several, of which later ones go before earlier ones, with one more login.

    Others of the same host are left out: buildah prefers one that is for a part of it, and helpers.
    """
    auths: dict[str, Any] = {}
    helpers: dict[str, Any] = {}
    for file in files:
        auths |= {key: value for key, value in _table(file, "auths").items() if _host(key) != host}
        helpers |= {key: value for key, value in _table(file, "credHelpers").items() if _host(key) != host}
    return {"auths": {**auths, host: _entry(login)}, "credHelpers": helpers}


def _buildah_files(environment: Mapping[str, str] = os.environ) -> Iterator[Table]:
    """The files in which buildah looks for logins, the last one first."""
    if own := environment.get("REGISTRY_AUTH_FILE"):
        yield read(Path(own))
        return
    yield read(docker_folder(environment) / _FILE)
    yield read(Path(environment.get("HOME") or "~").expanduser() / ".config" / "containers" / "auth.json")
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield read(Path(runtime) / "containers" / "auth.json")


def _host(key: str) -> str:
    return key.rpartition("://")[2].partition("/")[0]


def _entry(login: Login) -> Mapping[str, str]:
    auth = login.basic.removeprefix("Basic ")
    masking.register(auth)
    return {"auth": auth, **({"identitytoken": login.identity} if login.identity else {})}


def _table(config: Table, key: str) -> Table:
    found = config.get(key)
    return found if isinstance(found, dict) else {}


def _write(path: Path, config: Table) -> None:
    """For this user alone from the first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(config, file)

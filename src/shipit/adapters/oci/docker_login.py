"""What `docker login` has left: docker's own file, and the credential helpers that it names."""

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shipit.adapters import process
from shipit.adapters.oci.login import Login
from shipit.adapters.oci.reference import HUB
from shipit.errors import Unavailable, UsageError

_HUB_KEY = "https://index.docker.io/v1/"
"""The name under which docker keeps the login of its own registry."""
_PATIENCE = 60.0
"""Seconds; a helper may ask a person in a window."""
_TOKEN = "<token>"  # noqa: S105 - the user name by which a helper says that its secret is a token
_NOT_FOUND = "credentials not found"
"""How a helper says that it has none; its exit code is the same as for a failure."""


def find(registry: str, environment: Mapping[str, str] = os.environ) -> Login | None:
    """The login for this registry, None if docker has none; raises UsageError for what cannot be used.

    In docker's order: the helper of this registry, the store of all, the file itself.
    """
    path = _folder(environment) / "config.json"
    config = _config(path)
    key = _HUB_KEY if registry == HUB else registry
    helper = _entries(config, "credHelpers", path).get(key) or config.get("credsStore")
    if helper and (found := _ask(_program(helper, path), key)):
        return found
    return _from_file(_entries(config, "auths", path), registry, path)


def _folder(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("DOCKER_CONFIG") or Path(environment.get("HOME") or "~").expanduser() / ".docker")


def _config(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError):
        raise _unusable(path, "it is no JSON") from None
    if not isinstance(config, dict):
        raise _unusable(path, "it holds no table")
    return config


def _entries(config: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    found = config.get(key) or {}
    if not isinstance(found, dict):
        raise _unusable(path, f"{key} is no table")
    return found


def _from_file(auths: Mapping[str, Any], registry: str, path: Path) -> Login | None:
    """An exact name first; docker also takes an address of that host."""
    wanted = f"index.{HUB}" if registry == HUB else registry
    entry = auths.get(registry) or next((auths[key] for key in auths if _host(key) == wanted), None)
    if not isinstance(entry, dict):
        return None
    username, password = _decoded(entry.get("auth") or "", registry, path)
    identity = str(entry.get("identitytoken") or "")
    return Login(username=username, password=password, identity=identity) if password or identity else None


def _decoded(auth: object, registry: str, path: Path) -> tuple[str, str]:
    """User name and password out of base64, which is how docker writes them where it has no store."""
    try:
        text = base64.b64decode(str(auth), validate=True).decode()
    except ValueError:  # what stands there is not repeated: it may be a password
        raise _unusable(path, f"the entry of {registry} is no base64") from None
    username, _, password = text.partition(":")
    return username, password.strip("\0")


def _host(key: str) -> str:
    """The host of a name or an address; empty for what is neither."""
    try:
        return urlsplit(key if "://" in key else f"//{key}").netloc
    except ValueError:
        return ""


def _program(helper: object, path: Path) -> str:
    if not isinstance(helper, str) or "/" in helper:
        raise _unusable(path, f"a credential helper has a plain name, not {helper!a}")
    return f"docker-credential-{helper}"


def _ask(program: str, key: str) -> Login | None:
    """Ask a helper by its protocol: the registry on standard input, JSON with the secret on standard output."""
    try:
        finished = process.run([program, "get"], data=key.encode(), timeout=_PATIENCE)
    except Unavailable as error:
        raise _failed(program, key, error.what) from None
    if finished.code:
        if _NOT_FOUND in finished.text:
            return None
        said = [*finished.text.splitlines(), *finished.stderr.splitlines()][-3:]
        raise _failed(program, key, f"exit code {finished.code}", *said)
    try:
        answer = json.loads(finished.stdout)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, KeyError, TypeError, RecursionError):
        # its output is not repeated: what cannot be read may hold the secret
        raise _failed(program, key, "its answer is no JSON with Username and Secret") from None
    if username == _TOKEN:
        return Login(username=username, identity=secret)
    return Login(username=username, password=secret)


def _unusable(path: Path, why: str) -> UsageError:
    return UsageError(
        "docker's own configuration cannot be used",
        where=str(path),
        evidence=[why],
        hint="log in with docker login, or set registry.username and registry.password",
    )


def _failed(program: str, key: str, *why: str) -> UsageError:
    return UsageError(
        f"the credential helper {program} failed",
        evidence=why,
        hint=f"run it yourself: echo {key} | {program} get; or set registry.username and registry.password",
    )

"""Who runs shipit, and where: for locks, ledgers and audit files."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from shipit.model import Actor


def actor(environment: Mapping[str, str] = os.environ) -> Actor:
    """This process; in CI with the name of whoever started the run, and its address."""
    user = environment.get("GITHUB_ACTOR") or environment.get("USER") or "somebody"
    run = environment.get("GITHUB_RUN_ID")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    url = f"{server}/{environment.get('GITHUB_REPOSITORY')}/actions/runs/{run}" if run else ""
    return Actor(_readable(user), socket.gethostname(), os.getpid(), url)


def _readable(name: str) -> str:
    """A name out of the environment: UTF-8, whatever the locale is, or else Latin-1."""
    data = os.fsencode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def has_ended(one: Actor) -> bool:
    """Whether a process of this machine has ended; False for one of another machine, or where nobody can tell.

    Machines of a CI service may all have the same name: a process of a CI run is never known to have ended.
    """
    if one.url or one.host != socket.gethostname() or not Path("/proc").is_dir():
        return False
    return not Path("/proc", str(one.process)).exists()

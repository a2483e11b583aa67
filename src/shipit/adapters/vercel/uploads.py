"""Upload files to Vercel, a few at a time; each is read from the disk while it is sent."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from shipit.adapters.vercel.client import VercelClient
from shipit.adapters.vercel.folder import SourceFile
from shipit.engine.plan import Say
from shipit.errors import Unavailable

AT_ONCE = 4
_TRIES = 4
_SOONEST = 0.5
"""Seconds before a second try; each further one takes twice as long."""


def upload(
    files: Sequence[SourceFile], client: VercelClient, say: Say, pause: Callable[[float], None] = time.sleep
) -> None:
    """Send each content once, whatever the names; raises Unavailable or Denied.

    What is sent twice is there once, since Vercel keeps files by their SHA-1: so a lost answer is no trouble.
    """
    contents = list({one.sha: one for one in files}.values())
    say(f"uploading {len(contents)} files, {sum(one.size for one in contents):,} bytes")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        shares = [contents[number::AT_ONCE] for number in range(AT_ONCE)]
        stopped: list[bool] = []
        running = [threads.submit(_send_all, share, client, pause, stopped) for share in shares if share]
        try:
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
        finally:
            stopped.append(True)
        for one in done:
            one.result()


def _send_all(
    files: Iterable[SourceFile], client: VercelClient, pause: Callable[[float], None], stopped: Sequence[bool]
) -> None:
    own = client.another()
    try:
        for one in files:
            if not stopped:
                _send(one, own, pause)
    finally:
        own.close()


def _send(one: SourceFile, client: VercelClient, pause: Callable[[float], None]) -> None:
    for tries_left in reversed(range(_TRIES)):
        try:
            with one.place.open("rb") as content:
                client.upload(one.sha, content, one.size)
        except Unavailable:
            if not tries_left:
                raise
            pause(_SOONEST * 2 ** (_TRIES - 1 - tries_left))
        else:
            return

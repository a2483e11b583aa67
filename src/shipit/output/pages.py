"""What HTML pages have in common: moments, and addresses that a browser may follow."""

import time
from collections.abc import Mapping


def moment(seconds: float) -> Mapping[str, str]:
    """A time since the epoch: `iso` for programs, `text` for people."""
    at = time.gmtime(seconds)
    return {"iso": time.strftime("%Y-%m-%dT%H:%M:%SZ", at), "text": time.strftime("%Y-%m-%d %H:%M UTC", at)}


def web(url: str) -> str:
    """The address, if it is one of the web; empty if not."""
    return url if url.startswith(("https://", "http://")) else ""

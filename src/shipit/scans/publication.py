"""What goes to a forge of the findings, and what comes back: uploads of SARIF, and comments."""

from msgspec import Struct


class Upload(Struct, frozen=True, kw_only=True):
    """A file of SARIF for a commit.

    `ref` is whole (`refs/heads/main`), `checkout_uri` is where the files lay, `started_at` when the scans began
    (ISO 8601).
    """

    commit: str
    ref: str
    data: bytes
    checkout_uri: str
    started_at: str


class Receipt(Struct, frozen=True, kw_only=True):
    """What a forge says to an upload: its id, or why it takes none here, or that it is too large."""

    id: str = ""
    declined: str = ""
    is_too_large: bool = False


class Processing(Struct, frozen=True):
    """How far an upload is: `state` is pending, complete or failed."""

    state: str
    errors: tuple[str, ...] = ()


class Comment(Struct, frozen=True, kw_only=True):
    """A comment on a pull request; `author` is the id of an account, `is_bot` that of an app."""

    id: int
    body: str
    author: int
    is_bot: bool
    url: str = ""

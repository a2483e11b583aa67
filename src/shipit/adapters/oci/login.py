"""Who asks a registry: a user name with a password, or a token that stands for both."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shipit import masking
from shipit.adapters import secrets
from shipit.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Masked from the moment it is made; `identity` is a refresh token, which only a token service takes."""

    username: str
    password: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for secret in filter(None, (self.password, self.identity)):
            masking.register(secret)

    @property
    def basic(self) -> str:
        """The value of the header Authorization."""
        pair = f"{self.username}:{self.password}".encode("utf-8", "surrogateescape")
        return f"Basic {base64.b64encode(pair).decode()}"


Source = Callable[[], Login | None]
"""Asked once a registry wants to know who asks: an image for everybody needs no password to be read."""


def nobody() -> None:
    """Give no login: ask as everybody may."""


def configured(username: str | None, password: str | None, top: Path) -> Login | None:
    """The login behind two references such as env:NAME, None if neither is configured; raises UsageError."""
    if username is None and password is None:
        return None
    if username is None or password is None:
        raise UsageError(
            "a login takes a user name and a password",
            where="[tool.shipit.registry]",
            hint="set both username and password, or neither to use docker's own login",
        )
    return Login(username=secrets.read(username, top), password=secrets.resolve(password, top))

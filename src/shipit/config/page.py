"""The address of the repository's page: as configured, or derived from the address of the remote."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from shipit.errors import UsageError

if TYPE_CHECKING:
    from shipit.config.tables import Forge  # light commands do without the tables


def server(environment: Mapping[str, str]) -> str:
    """The address of the forge, without a slash at the end."""
    return environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")


def repository(forge: "Forge", environment: Mapping[str, str], remote_url: Callable[[], str | None]) -> str | None:
    """owner/name on the forge; None where there is no forge. Raises UsageError if there must be one."""
    if forge.kind == "none":
        return None
    found = forge.repository or _slug(remote_url() or "", server(environment))
    if found is None and forge.kind == "github":
        raise UsageError(
            "the forge's repository is not known", hint='set repository = "owner/name" in [tool.shipit.forge]'
        )
    return found


def _slug(url: str, address: str) -> str | None:
    host = re.sub(r"^\w+://", "", address)
    match = re.search(rf"(?:^|[@/]){re.escape(host)}(?::\d+)?[:/]([^/:]+/[^/]+?)(?:\.git)?/?$", url)
    return match.group(1) if match else None

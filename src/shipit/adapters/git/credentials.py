"""Credentials in a remote's address: kept out of every argv, those of git's own helpers included."""

import os
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

_USER, _PASSWORD = "SHIPIT_REMOTE_USER_{}", "SHIPIT_REMOTE_PASSWORD_{}"
# the shell that git starts for it sees names in its argv, the values stand in its environment
_HELPER = '!f() {{ printf "username=%s\\npassword=%s\\n" "${}" "${}"; }}; f'


def secrets_in(*urls: str) -> list[str]:
    """The passwords that stand in these addresses, as written and as meant."""
    found = [parts.password for parts in map(urlsplit, urls) if parts.password]
    return list(dict.fromkeys(spelling for one in found for spelling in (one, unquote(one))))


def apart_from_urls(*urls: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a git child gets in its environment so that it uses these addresses without their passwords."""
    made: dict[str, str] = {}
    number = int(environment.get("GIT_CONFIG_COUNT") or 0)
    for repository, url in enumerate(dict.fromkeys(urls)):
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.password:
            continue
        user, password = _USER.format(repository), _PASSWORD.format(repository)
        made |= {user: unquote(parts.username or ""), password: unquote(parts.password)}
        for key, value in _settings(url, parts, _HELPER.format(user, password)):
            made |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
            number += 1
    return {**made, "GIT_CONFIG_COUNT": str(number)} if made else {}


def _settings(url: str, parts: SplitResult, helper: str) -> Iterator[tuple[str, str]]:
    clean = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    host = clean._replace(path="", query="", fragment="").geturl()
    yield f"url.{clean.geturl()}.insteadOf", url
    yield f"credential.{host}.helper", ""  # no other helper is asked, and none stores what stands in the address
    yield f"credential.{host}.helper", helper

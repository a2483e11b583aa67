"""Tokens and passwords in our environment, which the project's own commands have no business with."""

import re
from collections.abc import Iterable, Mapping

from shipit import masking

_A_SECRETS = re.compile(
    r"(?:^|_)(?:TOKEN|PAT|PASSPHRASE|SECRETS?|CREDENTIALS?|API_?KEY|ACCESS_KEY|PRIVATE_KEY|SIGNING_KEY)(?:$|_)"
    r"|PASSWO?R?D(?:$|_)|_(?:AUTH|PWD)$",
    re.IGNORECASE,
)
_TOO = frozenset({"TWINE_USERNAME"})  # half of what an upload takes
_SHORTEST = 8
"""Characters: what is shorter and only has such a name may be an everyday word, which people want to read."""


def names(environment: Mapping[str, str], known: Iterable[str] = (), users: Iterable[str] = ()) -> frozenset[str]:
    """Which variables are withheld: the `known` ones, and those whose names say token, password and the like.

    What is in them is masked from now on: a command may find it elsewhere, or be let see it. `users` are variables
    that hold a user name, which is no secret whatever the variable is called.
    """
    found = {name for name in environment if _A_SECRETS.search(name)}
    for name in found.difference(users):
        if len(environment[name]) >= _SHORTEST:
            masking.register(environment[name])
    return frozenset((*found, *known, *(_TOO & environment.keys())))

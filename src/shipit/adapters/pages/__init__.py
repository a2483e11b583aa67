"""HTML pages in one file each: no request leaves them, no script runs in them, and every text is only text."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined


def page(name: str, facts: Mapping[str, object]) -> bytes:
    """The page of this name (`status` or `security`), filled in with what its template asks for, in UTF-8."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # of one's own styles only this one, by its hash: whatever a text might smuggle in has no effect
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    values = {"style": style, "policy": policy, **facts}
    return (_environment().get_template(f"{name}.html.j2").render(values).strip() + "\n").encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("shipit.adapters.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return (resources.files("shipit.adapters.pages") / "templates" / "page.css").read_text("utf-8")

"""Orders for the unit tests of builders."""

from pathlib import Path
from typing import Any

from shipit.images.model import Image
from shipit.images.ports import Order


def order(**changes: Any) -> Order:
    """`labels` are the order's, everything else is the image's."""
    labels = changes.pop("labels", {})
    wanted = {"key": "mcp", "host": "ghcr.example", "repository": "acme/mcp", "file": "Dockerfile", **changes}
    image = Image(**wanted)
    return Order(image=image, name=image.named("v1.0.0"), tree=Path("/tree"), labels=labels)

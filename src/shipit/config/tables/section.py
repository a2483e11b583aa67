"""The base class of all tables: kebab-case keys, frozen, unknown keys refused."""

import msgspec


class Section(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab", omit_defaults=True
):
    """One table of [tool.shipit]; its subclasses' docstrings become the reference page."""

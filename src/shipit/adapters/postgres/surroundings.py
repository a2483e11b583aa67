"""What belongs to a database but lies outside of its dump: owner, rights, settings, comment, limit, locale."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from psycopg import sql

from shipit.adapters.postgres.session import Connection

Right: TypeAlias = tuple[str, str, str, bool]
"""Grantor, grantee (empty: everybody), privilege, whether it may be passed on."""

_ROW = """
SELECT to_jsonb(d), pg_encoding_to_char(d.encoding), t.spcname,
  shobj_description(d.oid, 'pg_database'), r.rolname
FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace JOIN pg_roles r ON r.oid = d.datdba
WHERE d.datname = %s
"""
_RIGHTS = """
SELECT pg_get_userbyid(a.grantor), CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee) END,
  a.privilege_type, a.is_grantable
FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = %s ORDER BY 1, 2, 3
"""
_SETTINGS = """
SELECT CASE s.setrole WHEN 0 THEN '' ELSE pg_get_userbyid(s.setrole) END, split_part(line, '=', 1),
  substr(line, strpos(line, '=') + 1)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) line
WHERE d.datname = %s ORDER BY 1, 2
"""
# The settings that are lists of names: one literal for all would become one name
_LISTS = {
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
}
_ELEMENT = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)')
_USUAL_TABLESPACE = "pg_default"
_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`rights` is None where nobody ever granted or revoked; `settings` are (role or empty, name, value)."""

    owner: str
    encoding: str
    tablespace: str
    locale: Mapping[str, str]
    limit: int
    template: bool
    comment: str | None
    rights: tuple[Right, ...] | None
    settings: tuple[tuple[str, str, str], ...]

    def as_record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Surroundings":
        """From JSON, where a tuple is a list."""
        rights, settings = record["rights"], record["settings"]
        return cls(
            **{
                **record,
                "rights": None if rights is None else tuple(tuple(right) for right in rights),
                "settings": tuple(tuple(setting) for setting in settings),
            }
        )

    def differences(self, other: "Surroundings") -> list[str]:
        """What is not the same, in words."""
        ours, theirs = self.as_record(), other.as_record()
        return [f"{name}: {ours[name]} is now {theirs[name]}" for name in ours if ours[name] != theirs[name]]


def read(connection: Connection, database: str) -> Surroundings:
    """As the catalog shows it, from any database of the server."""
    [[row, encoding, tablespace, comment, owner]] = connection.execute(_ROW, [database]).fetchall()
    rights = tuple(connection.execute(_RIGHTS, [database]).fetchall())
    settings = tuple(connection.execute(_SETTINGS, [database]).fetchall())
    return Surroundings(
        owner=owner,
        encoding=encoding,
        tablespace=tablespace,
        locale=dict(_locale(row)),
        limit=row["datconnlimit"],
        template=row["datistemplate"],
        comment=comment,
        rights=None if row["datacl"] is None else rights,
        settings=settings,
    )


def creation(surroundings: Surroundings, database: str) -> sql.Composed:
    """The statement that makes an empty database of this kind."""
    options: dict[str, sql.Composable] = {
        "OWNER": sql.Identifier(surroundings.owner),
        "TEMPLATE": sql.Identifier("template0"),
        "ENCODING": sql.Literal(surroundings.encoding),
        **{name: sql.Literal(value) for name, value in surroundings.locale.items()},
    }
    if surroundings.tablespace != _USUAL_TABLESPACE:  # naming it asks for a right that leaving it out does not
        options["TABLESPACE"] = sql.Identifier(surroundings.tablespace)
    parts = [sql.SQL("{} = {}").format(sql.SQL(name), value) for name, value in options.items()]
    return sql.SQL("CREATE DATABASE {} WITH {}").format(sql.Identifier(database), sql.SQL(" ").join(parts))


def furnishing(surroundings: Surroundings, database: str) -> Iterator[sql.Composed]:
    """The statements that give a database made by `creation` the rest."""
    name = sql.Identifier(database)
    yield sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(surroundings.comment))
    for role, setting, value in surroundings.settings:
        values = _values(setting, value)
        yield sql.SQL("ALTER {}DATABASE {} SET {} TO {}").format(
            sql.SQL("ROLE {} IN ").format(sql.Identifier(role)) if role else sql.SQL(""),
            name,
            sql.Identifier(setting),
            sql.SQL(", ").join(values),
        )
    yield from _granting(surroundings, name)
    if surroundings.template:
        yield sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(name)
    yield sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(name, sql.Literal(surroundings.limit))


def _granting(surroundings: Surroundings, name: sql.Identifier) -> Iterator[sql.Composed]:
    if surroundings.rights is None:
        return
    for whom in (sql.SQL("PUBLIC"), sql.Identifier(surroundings.owner)):
        yield sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(name, whom)
    for _, grantee, privilege, passes in surroundings.rights:
        yield sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
            sql.SQL(privilege),  # a word that the server printed
            name,
            sql.Identifier(grantee) if grantee else sql.SQL("PUBLIC"),
            sql.SQL(" WITH GRANT OPTION" if passes else ""),
        )


def _locale(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The options of CREATE DATABASE; which columns there are depends on the version of the server."""
    yield "LC_COLLATE", row["datcollate"]
    yield "LC_CTYPE", row["datctype"]
    provider = _PROVIDERS.get(row.get("datlocprovider", "c"), "libc")
    if provider == "libc":
        return
    yield "LOCALE_PROVIDER", provider
    yield f"{provider.upper()}_LOCALE", row.get("datlocale") or row.get("daticulocale") or ""
    if row.get("daticurules"):
        yield "ICU_RULES", row["daticurules"]


def _values(setting: str, value: str) -> list[sql.Literal]:
    if setting.lower() not in _LISTS:
        return [sql.Literal(value)]
    found = [(quoted.replace('""', '"') or bare) for quoted, bare in _ELEMENT.findall(value)]
    return [sql.Literal(part) for part in found if part] or [sql.Literal("")]

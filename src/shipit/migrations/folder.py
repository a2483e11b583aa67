"""The folder of migrations as a whole: which files make one migration, in which order, and what is wrong."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from shipit.migrations.model import Dialect, Finding, Migration, Position
from shipit.migrations.names import FileName, Key, Role, read_name
from shipit.migrations.order import arrange
from shipit.migrations.pieces import Piece, take_apart
from shipit.migrations.remarks import around, base, gaps, mixture


class Folder(Struct, frozen=True):
    """What a folder holds: `migrations` in the order to apply them; one with an error may be left out."""

    migrations: tuple[Migration, ...]
    findings: tuple[Finding, ...] = ()


def read(files: Mapping[str, bytes], dialect: Dialect, folder: str = "") -> Folder:
    """Read a folder; `files` are named relative to it, `folder` is put before their names in what people see."""
    before = f"{folder.rstrip('/')}/" if folder else ""
    seen = {before + name: data for name, data in files.items()}
    names, findings = _names(sorted(before + name for name in files if "/" not in name))
    pieces: list[Piece] = []
    for name in names:
        taken = take_apart(name, seen[name.path], dialect)
        pieces += [_outside_of_transactions(piece, seen) for piece in taken.pieces]
        findings += taken.findings
    migrations, wrong = _put_together(pieces, {name.key for name in names if name.role == "up"})
    ordered, disorder = _arranged(migrations, names, pieces)
    findings += [*wrong, *disorder, *around(files, before), *gaps(names), *mixture(pieces)]
    return Folder(ordered, tuple(sorted(findings, key=lambda each: (each.place.path, each.place.line))))


def _names(paths: Iterable[str]) -> tuple[list[FileName], list[Finding]]:
    found = [read_name(path) for path in paths]
    return (
        [name for name in found if isinstance(name, FileName)],
        [name for name in found if isinstance(name, Finding)],
    )


def _arranged(
    migrations: Sequence[Migration], names: Iterable[FileName], pieces: Iterable[Piece]
) -> tuple[tuple[Migration, ...], tuple[Finding, ...]]:
    places = {(piece.file.version, version): at for piece in pieces for version, at in piece.depends_at.items()}
    return arrange(migrations, places, frozenset(name.key for name in names))


def _outside_of_transactions(piece: Piece, files: Mapping[str, bytes]) -> Piece:
    """Flyway says in V1__name.sql.conf that a script runs outside of a transaction; that is `solo`."""
    conf = files.get(piece.script.path + ".conf", b"").replace(b" ", b"")
    if piece.file.role != "up" or b"executeInTransaction=false" not in conf.split():
        return piece
    return replace(piece, directives=replace(piece.directives, solo=True))


def _put_together(pieces: Iterable[Piece], known: set[Key]) -> tuple[list[Migration], list[Finding]]:
    """Migrations from their scripts; `known` has an up script, be it one that could not be read."""
    by_key: dict[Key, dict[Role, list[Piece]]] = defaultdict(lambda: {"up": [], "down": [], "verify": []})
    for piece in pieces:
        by_key[piece.file.key][piece.file.role].append(piece)
    migrations, findings = [], []
    for own, roles in by_key.items():
        findings += list(_repeated(roles["up"])) if roles["up"] else []
        if roles["up"]:
            findings += [*_foreign_names(roles), *_twice(roles["down"]), *_twice(roles["verify"])]
            findings += _contradicted(roles)
            migrations.append(_migration(roles))
        elif own not in known:
            findings += [_alone(piece) for piece in (*roles["down"], *roles["verify"])]
    return migrations, findings


def _migration(roles: Mapping[Role, Sequence[Piece]]) -> Migration:
    up = roles["up"][0]
    down, verify = (next(iter(roles[role]), None) for role in ("down", "verify"))
    allowed = {
        rule: why for piece in (verify, down, up) if piece for rule, why in dict(piece.directives.allowed).items()
    }
    return Migration(
        up.file.version,
        up.file.name,
        up.script,
        down.script if down else None,
        verify.script if verify else None,
        up.directives if allowed == up.directives.allowed else replace(up.directives, allowed=allowed),
    )


def _repeated(ups: Sequence[Piece]) -> Iterator[Finding]:
    first, *others = ups
    for other in others:
        what = f"version {other.file.version} is there twice: also in {base(first)}"
        rewrite = "give the newer one the next free version, if it is not applied anywhere yet"
        yield Finding(Position(other.file.path), "duplicate-version", what, rewrite)


def _twice(pieces: Sequence[Piece]) -> Iterator[Finding]:
    for piece in pieces[1:]:
        which = f"the {piece.file.role} script of version {piece.file.version}"
        what = f"{which} is there twice: also in {base(pieces[0])}"
        yield Finding(Position(piece.script.path, piece.script.line), "duplicate-script", what, "keep one of them")


def _foreign_names(roles: Mapping[Role, Sequence[Piece]]) -> Iterator[Finding]:
    """A down script under another name may be that of another migration: nobody may guess here."""
    names = {piece.file.name for piece in roles["up"]}
    for piece in (*roles["down"], *roles["verify"]):
        if piece.file.name not in names:
            what = f"version {piece.file.version} is named otherwise in {base(roles['up'][0])}"
            rewrite = "give both the same name, or this one its right version"
            yield Finding(Position(piece.file.path), "other-name", what, rewrite)


def _contradicted(roles: Mapping[Role, Sequence[Piece]]) -> Iterator[Finding]:
    """Of a way back and of the word that there is none, a rollback could only believe one."""
    if roles["up"][0].directives.irreversible:
        for piece in roles["down"]:
            what = f"{base(roles['up'][0])} says `irreversible`, and here is a down script of the same version"
            rewrite = "delete the down script, or take the directive out"
            where = Position(piece.script.path, piece.script.line)
            yield Finding(where, "irreversible-with-down", what, rewrite)


def _alone(piece: Piece) -> Finding:
    file = piece.file
    what = f"this {file.role} script belongs to no migration: version {file.version} has no up script"
    rewrite = f"write {file.version}_{file.name}.sql, or delete this file"
    return Finding(Position(file.path), "without-up", what, rewrite)

"""One file of the folder taken apart into scripts, each judged by itself."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from shipit.migrations import sections
from shipit.migrations.checksum import checksum, read_text
from shipit.migrations.directives import Head, read_head
from shipit.migrations.foreign import foreign
from shipit.migrations.model import Dialect, Directives, Finding, Position, Script
from shipit.migrations.names import FileName, Role
from shipit.migrations.python_scripts import outline

ROLES: tuple[Role, ...] = ("up", "down", "verify")


class Piece(Struct, frozen=True):
    """One script and what its head says; `file.role` is the script's."""

    file: FileName
    script: Script
    directives: Directives
    depends_at: Mapping[str, Position]


class Pieces(Struct, frozen=True):
    """What a file holds; after an error it may hold less than its name says."""

    pieces: tuple[Piece, ...] = ()
    findings: tuple[Finding, ...] = ()


def take_apart(file: FileName, data: bytes, dialect: Dialect) -> Pieces:
    """Read one file: a script of SQL, the two of dbmate's format, or a Python script with its functions."""
    text = read_text(file.path, data)
    if isinstance(text, Finding):
        return Pieces(findings=(text,))
    script = Script(file.path, text, "", language=file.language)
    # `-- Down migration` is a marker of another tool in one file, and a mere heading in a file for one direction
    if not file.explicit and (finding := foreign(script)):
        return Pieces(findings=(finding,))
    if file.language == "python":
        return _python(file, script)
    parts = sections.split(file.path, text, dialect)
    if isinstance(parts, Finding):
        return Pieces(findings=(parts,))
    if parts is None:
        return _whole(file, script, dialect)
    if file.explicit:
        return Pieces(findings=(_both(file, parts),))
    return _dbmate(file, parts, dialect)


def _python(file: FileName, script: Script) -> Pieces:
    shape = outline(script)
    if shape.findings:
        return Pieces(findings=shape.findings)
    # of the whole file: what its functions share belongs to each of them
    script = replace(script, sha256=checksum(script.text))
    head = read_head(script, shape.head)
    files = [_in_role(file, role) for role in ROLES if role in shape.roles]
    return Pieces(tuple(_piece(each, script, head) for each in files), head.findings)


def _whole(file: FileName, script: Script, dialect: Dialect) -> Pieces:
    script = Script(script.path, script.text, checksum(script.text), language=script.language)
    head = read_head(script, sections.head(script.text, dialect))
    findings = (*head.findings, *_misplaced(file.role, script, head))
    if not sections.is_empty(script.text, dialect):
        return Pieces((_piece(file, script, head),), findings)
    if file.role == "up":
        return Pieces(findings=(*findings, _empty(Position(file.path))))
    what = f"the {file.role} script holds no statement and counts as missing"
    empty = Finding(Position(file.path), "empty-script", what, "write it, or delete the file", "warning")
    return Pieces(findings=(*findings, empty))


def _dbmate(file: FileName, parts: sections.Sections, dialect: Dialect) -> Pieces:
    """The checksum is of the up section alone: a better way back must not count as an edited migration."""
    up = _script(file, parts.up)
    before = read_head(parts.preamble, parts.preamble.text)
    head = _joined(before, read_head(up, sections.head(up.text, dialect)), solo=parts.up.solo)
    if sections.is_empty(up.text, dialect):
        return Pieces(findings=(*head.findings, _empty(parts.up.marker)))
    pieces, findings = [_piece(file, up, head)], [*head.findings]
    if parts.down:
        down = _script(file, parts.down)
        below = read_head(down, sections.head(down.text, dialect))
        findings += [*below.findings, *_misplaced("down", down, below)]
        if not sections.is_empty(down.text, dialect):  # dbmate asks for the marker even where nothing follows
            findings += _solo_down(parts.down)
            pieces.append(_piece(_in_role(file, "down"), down, below))
    return Pieces(tuple(pieces), tuple(findings))


def _in_role(file: FileName, role: Role) -> FileName:
    """`replace` takes ten times as long, a thousand files over."""
    return FileName(file.path, file.version, file.name, role, file.scheme, file.language, file.explicit)


def _piece(file: FileName, script: Script, head: Head) -> Piece:
    return Piece(file, script, head.directives, head.depends_at)


def _script(file: FileName, section: sections.Section) -> Script:
    return Script(file.path, section.text, checksum(section.text), section.line)


def _joined(first: Head, second: Head, *, solo: bool) -> Head:
    """What is said above the marker, and what is said below it."""
    one, two = first.directives, second.directives
    both = Directives(
        (*one.depends, *(version for version in two.depends if version not in one.depends)),
        one.solo or two.solo or solo,
        one.idempotent or two.idempotent,
        one.contract or two.contract,
        two.irreversible or one.irreversible,
        {**dict(one.allowed), **dict(two.allowed)},
    )
    return Head(both, (*first.findings, *second.findings), {**second.depends_at, **first.depends_at})


def _misplaced(role: Role, script: Script, head: Head) -> tuple[Finding, ...]:
    """A down or verify script allows what stands in it; everything else is said where the migration begins."""
    if role == "up" or head.directives == Directives(allowed=head.directives.allowed):
        return ()
    what = f"only `allow` is read in a {role} script"
    rewrite = "move the other directives to the head of the up script"
    return (Finding(Position(script.path, script.line), "misplaced-directive", what, rewrite),)


def _solo_down(section: sections.Section) -> tuple[Finding, ...]:
    if not section.solo:
        return ()
    what = "`transaction:false` is not followed here: down scripts are run inside a transaction"
    return (Finding(section.marker, "solo-down", what, level="warning"),)


def _empty(where: Position) -> Finding:
    return Finding(where, "empty-script", "the migration holds no statement", "write it, or delete the file")


def _both(file: FileName, parts: sections.Sections) -> Finding:
    what = f"the file's name says that it holds one script ({file.role}), but it has dbmate's sections"
    rewrite = f"rename it to {file.version}_{file.name}.sql, or take the marker out"
    return Finding(parts.up.marker, "dbmate-marker", what, rewrite)

"""The folders that bench/migrations.py measures: the same statements in the form of each tool."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

FLOOR = Path(__file__).resolve().parent / "floor.py"
PYPROJECT = """[project]
name = "bench"
version = "1.0.0"

[tool.shipit.environments.bench.database]
url = "env:DATABASE_URL"
backup.enabled = {backup}

[tool.shipit.migrations]
rehearse = "{rehearse}"
"""
ALEMBIC = """[alembic]
script_location = %(here)s/alembic
"""
# what `alembic init` writes, without logging, and with the address of the environment
ENV = """import os
from alembic import context
from sqlalchemy import create_engine, pool

url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = '''"""{name}"""
from alembic import op

revision = "{version}"
down_revision = {before}


def upgrade():
{up}


def downgrade():
{down}
'''


def make(top: Path, count: int) -> None:
    """All of them below `top`."""
    _shipit(top / "shipit", count, "false", "never")
    _shipit(top / "safe", count, "true", "always")
    _shipit(top / "large", 1, "true", "never")
    for name in ("dbmate", "floor"):
        _with_both(top / name / "migrations", count)
    _alembic(top / "alembic", count)
    _yoyo(top / "yoyo" / "migrations", count)


def statements(number: int) -> tuple[tuple[str, str], tuple[str, ...]]:
    """What migration `number` does, and how it is taken back: a table, and a row or an index."""
    table = f"t{number}"
    create = f"CREATE TABLE {table} (id integer PRIMARY KEY, name varchar(40) NOT NULL)"
    more = f"CREATE INDEX {table}_name ON {table} (name)" if number % 2 else f"INSERT INTO {table} VALUES (1, 'a')"
    return (create, more), (f"DROP TABLE {table}",)


def _numbered(count: int) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    for number in range(1, count + 1):
        yield (f"{number:04}", f"table_{number}", *statements(number))


def _shipit(top: Path, count: int, backup: str, rehearse: str) -> None:
    """The very files that dbmate reads, in a repository."""
    _with_both(top / "migrations", count)
    (top / "pyproject.toml").write_text(PYPROJECT.format(backup=backup, rehearse=rehearse))
    subprocess.run([shutil.which("git") or "git", "init", "--quiet", str(top)], check=True)


def _with_both(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for version, name, up, down in _numbered(count):
        text = f"-- migrate:up\n{_script(up)}\n-- migrate:down\n{_script(down)}"
        (folder / f"{version}_{name}.sql").write_text(text)


def _alembic(top: Path, count: int) -> None:
    folder = top / "alembic" / "versions"
    folder.mkdir(parents=True)
    (top / "alembic.ini").write_text(ALEMBIC)
    (folder.parent / "env.py").write_text(ENV)
    before = "None"
    for version, name, up, down in _numbered(count):
        calls = ["\n".join(f"    op.execute({each!r})" for each in one) for one in (up, down)]
        text = REVISION.format(name=name, version=version, before=before, up=calls[0], down=calls[1])
        (folder / f"{version}_{name}.py").write_text(text)
        before = f'"{version}"'


def _yoyo(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for version, name, up, down in _numbered(count):
        (folder / f"{version}_{name}.sql").write_text(_script(up))
        (folder / f"{version}_{name}.rollback.sql").write_text(_script(down))


def _script(each: tuple[str, ...]) -> str:
    return "".join(f"{one};\n" for one in each)

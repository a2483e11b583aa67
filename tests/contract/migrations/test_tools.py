"""Alembic, Django and any command, on real databases: what is pending, up, back, and every way to fail."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from shipit.adapters.wrapped import child, location
from shipit.adapters.wrapped import tool as tools
from shipit.adapters.wrapped.tool import Alembic, CommandTool, Django
from shipit.config import Migrations
from shipit.errors import ExternalError, Refused, Unavailable, UsageError
from tests.support.postgres import Server, wait_until

PASSWORD = "p@ss:/#% word"
ENV = """\
import os
from alembic import context
from sqlalchemy import create_engine

print("env.py says hello")
url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
ELSEWHERE = ENV.replace('os.environ["DATABASE_URL"]', '"sqlite:///elsewhere.db"')
REVISION = """\
revision = {revision!r}
down_revision = {down!r}
import os, signal, sys, time
from alembic import op

def upgrade():
{up}

def downgrade():
{back}
"""
SETTINGS = """\
import os
from urllib.parse import unquote, urlsplit

url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname,
        "PORT": url.port,
    }
}
INSTALLED_APPS = ["notes", "events"]
SECRET_KEY = "not one"
USE_TZ = True
"""
MANAGE = """\
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
DJANGO = """\
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = {dependencies!r}
    operations = [migrations.RunSQL({up!r}, {back!r})]
"""
SHOW = "import os, sys; print(os.environ['DATABASE_URL'], sys.argv[1:])"


def ignore(_: str) -> None:
    return None


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def revision(number: int, up: str = "", back: str = "") -> dict[str, str]:
    table = f'    op.execute("CREATE TABLE t{number} (id int)")'
    text = REVISION.format(
        revision=f"r{number}",
        down=f"r{number - 1}" if number > 1 else None,
        up="\n".join([table, f"    {up}"]) if up else table,
        back=back or f'    op.execute("DROP TABLE t{number}")',
    )
    return {f"alembic/versions/r{number}.py": text}


@pytest.fixture
def server(debian: Server) -> Server:
    """One is enough: what the tools say to a server is their business."""
    return debian


@pytest.fixture
def url(server: Server, database: str) -> str:
    return server.url(database)


def tables(server: Server, database: str) -> list[str]:
    found = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return sorted(
        str(name) for (name,) in server.query(database, found) if not str(name).startswith(("alem", "djan"))
    )


class TestAlembic:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        ini = {"alembic.ini": "[alembic]\nscript_location = %(here)s/alembic\npath_separator = os\n"}
        return write(tmp_path, {**ini, "alembic/env.py": ENV, **revision(1), **revision(2), **revision(3)})

    def test_what_is_pending_is_applied_and_taken_back(
        self, project: Path, server: Server, database: str, url: str
    ) -> None:
        tool, said = Alembic.find(project, "migrations"), list[str]()
        assert tool.pending(url) == ("r1", "r2", "r3")
        assert tool.state(url) == "base"
        tool.upgrade(url, "r2", ignore)
        assert tool.pending(url) == ("r3",)
        tool.upgrade(url, None, said.append)
        assert (tool.pending(url), tool.state(url)) == ((), "r3")
        assert said[0] == "alembic stands at r2"
        assert tables(server, database) == ["t1", "t2", "t3"]
        tool.downgrade(url, "r1", ignore)
        assert tables(server, database) == ["t1"]
        tool.downgrade(url, "base", ignore)
        assert tables(server, database) == []

    def test_asking_writes_nothing(self, project: Path, server: Server, database: str, url: str) -> None:
        Alembic.find(project, "migrations").pending(url)
        assert server.query(database, "SELECT to_regclass('alembic_version')::text") == [(None,)]

    def test_a_sqlite_file_is_found_by_the_address_that_shipit_knows(self, project: Path) -> None:
        tool = Alembic.find(project, "migrations")
        tool.upgrade("sqlite:///acme.db", None, ignore)
        assert tool.state("sqlite:///acme.db") == "r3"
        assert (project / "acme.db").exists()

    def test_a_revision_that_fails_is_told_with_its_words_and_without_a_traceback(
        self, project: Path, server: Server, database: str, url: str
    ) -> None:
        write(project, revision(2, up='op.execute("SELECT * FROM nowhere")'))
        tool, said = Alembic.find(project, "migrations"), list[str]()
        with pytest.raises(ExternalError, match="alembic ended with exit code 1") as explained:
            tool.upgrade(url, None, said.append)
        shown = "\n".join([*explained.value.evidence, *said])
        assert 'relation "nowhere" does not exist' in shown
        assert "SELECT * FROM nowhere" in shown
        assert "Traceback" not in shown
        assert 'File "' not in shown
        assert tables(server, database) == []

    def test_the_password_is_masked_in_all_that_it_says(self, project: Path, server: Server, database: str) -> None:
        server.role("ada", PASSWORD)
        server.query(database, "GRANT ALL ON SCHEMA public TO ada")
        url, said = server.url(database, "ada", PASSWORD), list[str]()
        write(
            project,
            revision(1, up='print(os.environ["DATABASE_URL"]); raise ValueError(os.environ["DATABASE_URL"])'),
        )
        with pytest.raises(ExternalError) as explained:
            Alembic.find(project, "migrations").upgrade(url, None, said.append)
        shown = "\n".join([*explained.value.evidence, *said])
        server.query(database, "REVOKE ALL ON SCHEMA public FROM ada")
        server.query("postgres", "DROP ROLE ada")
        assert "ValueError: ***" in shown
        assert "p%40ss" not in shown
        assert PASSWORD not in shown

    def test_the_address_never_stands_in_argv(self, project: Path, server: Server, database: str) -> None:
        url = server.url(database).replace("@", ":throw-away@", 1)
        seen = "open('argv', 'ab').write(open('/proc/self/cmdline', 'rb').read())"
        write(project, {"alembic/env.py": f"{ENV}\n{seen}\n"})
        Alembic.find(project, "migrations").upgrade(url, None, ignore)
        argv = (project / "argv").read_bytes()
        assert b"upgrade" in argv
        assert b"throw-away" not in argv

    def test_a_child_that_is_killed_is_told_and_leaves_nothing(
        self, project: Path, server: Server, database: str, url: str
    ) -> None:
        write(project, revision(3, up="os.kill(os.getpid(), signal.SIGKILL)"))
        with pytest.raises(ExternalError, match="alembic was ended by signal 9"):
            Alembic.find(project, "migrations").upgrade(url, None, ignore)
        assert tables(server, database) == []

    def test_a_child_that_takes_too_long_is_ended(
        self, project: Path, server: Server, database: str, url: str
    ) -> None:
        write(project, revision(1, up='op.execute("SELECT pg_sleep(60)")'))
        begun = time.monotonic()
        with pytest.raises(Unavailable, match=r"^alembic did not end within 3 s"):
            Alembic(folder=project, top=project, timeout=3).upgrade(url, None, ignore)
        assert time.monotonic() - begun < 20
        assert tables(server, database) == []

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
    def test_it_does_not_outlive_shipit(self, project: Path, server: Server, database: str, url: str) -> None:
        write(project, revision(1, up='op.execute("SELECT pg_sleep(60)")'))
        code = "import os, pathlib; from shipit.adapters.wrapped.tool import Alembic; here = pathlib.Path.cwd();"
        code += "Alembic(folder=here, top=here).upgrade(os.environ['ADDRESS'], None, print)"
        seen = {**os.environ, "ADDRESS": url}
        parent = subprocess.Popen([sys.executable, "-c", code], cwd=project, env=seen, stdout=subprocess.DEVNULL)
        asleep = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"
        try:
            wait_until(lambda: len(server.query(database, asleep)) == 1, 20)
            [client] = children(parent.pid)
        finally:
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        wait_until(lambda: not Path(f"/proc/{client}").exists() or state(client) == "Z")
        server.query(database, f"SELECT pg_terminate_backend(pid) FROM ({asleep}) asleep")

    def test_an_env_py_that_goes_elsewhere_is_said_and_refused_before_anything_runs(
        self, project: Path, url: str
    ) -> None:
        write(project, {"alembic/env.py": ELSEWHERE})
        tool = Alembic.find(project, "migrations")
        assert any("env.py does not mention DATABASE_URL" in line for line in tool.cannot())
        with pytest.raises(Refused, match="another database") as refused:
            tool.upgrade(url, None, ignore)
        assert refused.value.evidence[0] == "alembic: elsewhere.db"

    def test_what_cannot_be_promised_is_said(self, project: Path) -> None:
        tool = Alembic.find(project, "migrations")
        assert not any("DATABASE_URL" in line for line in tool.cannot())
        assert any("takes all with it" in line for line in tool.cannot())
        write(project, {"alembic/env.py": f"{ENV}# transaction_per_migration=True"})
        write(project, revision(2, up="with op.get_context().autocommit_block(): pass"))
        assert any("commits by itself (transaction_per_migration)" in line for line in tool.cannot())
        assert any("autocommit_block" in line and "alembic/versions/r2.py" in line for line in tool.cannot())

    @pytest.mark.parametrize("to", ["--sql", "-x", "", "r1 --sql", "r1:r2"])
    def test_a_revision_that_would_be_an_option_is_refused(self, project: Path, to: str, url: str) -> None:
        with pytest.raises(UsageError, match="no revision"):
            Alembic.find(project, "migrations").downgrade(url, to, ignore)

    def test_without_alembic_it_is_said_what_to_do(self, project: Path, url: str) -> None:
        write(project, {"alembic/env.py": "import missing_module_of_the_project"})
        with pytest.raises(ExternalError) as explained:
            Alembic.find(project, "migrations").pending(url)
        assert "No module named 'missing_module_of_the_project'" in explained.value.evidence[-1]
        assert "project's environment" in str(explained.value.hint)

    def test_an_env_py_that_never_connects_is_told(self, project: Path, url: str) -> None:
        write(project, {"alembic/env.py": "print('nothing here')"})
        with pytest.raises(ExternalError) as explained:
            Alembic.find(project, "migrations").upgrade(url, None, ignore)
        assert explained.value.evidence[-1] == "env.py ran, and never came to context.run_migrations()"

    def test_a_python_that_is_not_there_is_a_mistake_of_the_configuration(self, project: Path, url: str) -> None:
        with pytest.raises(UsageError, match="not installed"):
            Alembic(folder=project, top=project, python="/nowhere/python").pending(url)


class TestDjango:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        files = {"manage.py": MANAGE, "settings.py": SETTINGS}
        for app in ("notes", "events"):
            files |= {f"{app}/__init__.py": "", f"{app}/migrations/__init__.py": ""}
        files["notes/migrations/0001_initial.py"] = self.migration("notes", [])
        files["notes/migrations/0002_more.py"] = self.migration("more", [("notes", "0001_initial")])
        files["events/migrations/0001_initial.py"] = self.migration("events", [("notes", "0002_more")])
        return write(tmp_path, files)

    def migration(self, table: str, dependencies: list[tuple[str, str]], up: str = "") -> str:
        made = up or f"CREATE TABLE {table} (id int)"
        return DJANGO.format(dependencies=dependencies, up=made, back=f"DROP TABLE {table}")

    def test_what_is_pending_is_applied_and_taken_back_to_the_state_before(
        self, project: Path, server: Server, database: str, url: str
    ) -> None:
        tool, said = Django.find(project, "migrations"), list[str]()
        assert tool.pending(url) == ("notes.0001_initial", "notes.0002_more", "events.0001_initial")
        tool.upgrade(url, "notes.0001_initial", ignore)
        before = tool.state(url)
        assert before == "events.zero,notes.0001_initial"
        tool.upgrade(url, None, said.append)
        assert said[0] == f"django stands at {before}"
        assert (tool.pending(url), tables(server, database)) == ((), ["events", "more", "notes"])
        tool.downgrade(url, before, ignore)
        assert (tool.state(url), tables(server, database)) == (before, ["notes"])
        said.clear()
        tool.downgrade(url, before, said.append)
        assert said == [f"django stands at {before}"]

    def test_taking_back_never_goes_forward(self, project: Path, server: Server, database: str, url: str) -> None:
        tool = Django.find(project, "migrations")
        tool.upgrade(url, "notes.0001_initial", ignore)
        with pytest.raises(Refused, match=r"notes\.0002_more is not applied"):
            tool.downgrade(url, "notes.0002_more", ignore)
        assert tables(server, database) == ["notes"]

    def test_a_migration_that_fails_leaves_those_before_it_and_no_traceback(
        self, project: Path, server: Server, database: str, url: str
    ) -> None:
        broken = self.migration("more", [("notes", "0001_initial")], "CREATE TABLE more (id int); SELECT nonsense")
        write(project, {"notes/migrations/0002_more.py": broken})
        tool, said = Django.find(project, "migrations"), list[str]()
        with pytest.raises(ExternalError, match="django ended with exit code 1") as explained:
            tool.upgrade(url, None, said.append)
        shown = "\n".join([*explained.value.evidence, *said])
        assert 'column "nonsense" does not exist' in shown
        assert "Traceback" not in shown
        assert tables(server, database) == ["notes"]

    def test_settings_that_go_elsewhere_are_said_and_refused(self, project: Path, url: str) -> None:
        elsewhere = {"ENGINE": "django.db.backends.sqlite3", "NAME": "elsewhere.db"}
        apps = "INSTALLED_APPS = ['notes', 'events']\nSECRET_KEY = 'not one'\nUSE_TZ = True\n"
        write(project, {"settings.py": f"DATABASES = {{'default': {elsewhere}}}\n{apps}"})
        tool = Django.find(project, "migrations")
        assert any("mentions DATABASE_URL" in line for line in tool.cannot())
        with pytest.raises(Refused, match="another database"):
            tool.upgrade(url, None, ignore)

    def test_migrations_outside_of_a_transaction_are_named(self, project: Path) -> None:
        tool = Django.find(project, "migrations")
        assert not any("atomic" in line or "DATABASE_URL" in line for line in tool.cannot())
        text = self.migration("more", []).replace("    dependencies", "    atomic = False\n    dependencies")
        write(project, {"notes/migrations/0002_more.py": text})
        assert any("notes/migrations/0002_more.py" in line for line in tool.cannot())

    @pytest.mark.parametrize("to", ["0001_initial", "--fake", "notes 0001", "notes.0001;x", ""])
    def test_a_target_must_name_app_and_migration(self, project: Path, url: str, to: str) -> None:
        with pytest.raises(UsageError, match="no migration of Django"):
            Django.find(project, "migrations").downgrade(url, to, ignore)


def python(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *words)


class TestCommand:
    URL = "postgresql://ada:throw%2Faway@db.invalid/acme"

    def heard(self, run: Callable[[Callable[[str], None]], None]) -> str:
        said: list[str] = []
        run(said.append)
        return "\n".join(said)

    def test_the_version_is_one_word_whatever_is_in_it_and_the_address_is_in_the_environment(
        self, tmp_path: Path
    ) -> None:
        tool = CommandTool(
            top=tmp_path, command=python(SHOW, "--to={to}", "{to}", "$HOME"), rollback_command=python(SHOW, "{to}")
        )
        words = ["--to=a b; c", "a b; c", "$HOME"]
        assert self.heard(lambda say: tool.upgrade(self.URL, "a b; c", say)) == f"*** {words}"
        assert self.heard(lambda say: tool.downgrade(self.URL, "7", say)) == "*** ['7']"

    def test_the_address_of_a_sqlite_file_is_written_as_others_write_it(self, tmp_path: Path) -> None:
        tool = CommandTool(top=tmp_path, command=python("import os; print(os.environ['DATABASE_URL'])"))
        assert self.heard(lambda say: tool.upgrade("sqlite:///a.db", None, say)) == f"sqlite:///{tmp_path / 'a.db'}"

    def test_without_a_version_the_words_for_it_are_left_out(self, tmp_path: Path) -> None:
        tool = CommandTool(top=tmp_path, command=python("import sys; print(sys.argv[1:])", "up", "--to={to}"))
        assert self.heard(lambda say: tool.upgrade(self.URL, None, say)) == "['up']"

    def test_a_text_is_split_without_a_shell(self, tmp_path: Path) -> None:
        line = f"""{sys.executable} -c "import sys; print(sys.argv[1:])" 'a b' $HOME ; echo {{to}}"""
        tool = CommandTool(top=tmp_path, command=line)
        assert self.heard(lambda say: tool.upgrade(self.URL, "7", say)) == str(["a b", "$HOME", ";", "echo", "7"])

    def test_each_line_of_the_status_command_is_pending(self, tmp_path: Path) -> None:
        code = "import os, sys; print(' a\\n\\nb ', os.environ['DATABASE_URL']); print('noise', file=sys.stderr)"
        tool = CommandTool(top=tmp_path, command=["true"], status_command=python(code))
        assert tool.pending(self.URL) == ("a", "b  ***")
        assert CommandTool(top=tmp_path, command=["true"], status_command=["true"]).pending(self.URL) == ()
        assert CommandTool(top=tmp_path, command=["true"]).pending(self.URL) is None

    def test_the_password_alone_is_masked_too(self, tmp_path: Path) -> None:
        code = "import os; from urllib.parse import urlsplit, unquote;"
        code += "word = urlsplit(os.environ['DATABASE_URL']).password; print(word, unquote(word))"
        tool = CommandTool(top=tmp_path, command=python(code), status_command=python(code))
        assert self.heard(lambda say: tool.upgrade(self.URL, None, say)) == "*** ***"
        assert tool.pending(self.URL) == ("*** ***",)

    def test_a_question_that_takes_too_long_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(child, "QUESTION", 0.5)
        tool = CommandTool(top=tmp_path, command="true", status_command=("sleep", "60"))
        with pytest.raises(Unavailable, match=r"^true did not end within 0\.5 s"):
            tool.pending(self.URL)

    def test_a_command_that_fails_is_told_by_its_last_words(self, tmp_path: Path) -> None:
        code = "import os, sys; [print(n) for n in range(50)]; sys.exit('no: ' + os.environ['DATABASE_URL'])"
        for fail in (CommandTool(top=tmp_path, command=python(code)).upgrade, _asked(tmp_path, python(code))):
            with pytest.raises(ExternalError, match="ended with exit code 1") as explained:
                fail(self.URL, None, ignore)
            assert explained.value.evidence == (*map(str, range(39, 50)), "no: ***")

    @pytest.mark.parametrize("command", ["'unclosed", "", "  ", ["", "x"]])
    def test_what_is_no_command_is_a_mistake_of_the_configuration(self, tmp_path: Path, command: str) -> None:
        with pytest.raises(UsageError, match=r"migrations\.command"):
            CommandTool(top=tmp_path, command=command).upgrade(self.URL, None, ignore)

    def test_a_program_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        for program in ("no-such-program", "./no-such-program"):
            with pytest.raises(UsageError, match=f"`{program}` is not installed"):
                CommandTool(top=tmp_path, command=[program]).upgrade(self.URL, None, ignore)

    def test_a_program_of_the_project_is_found_at_its_top(self, tmp_path: Path) -> None:
        write(tmp_path, {"bin/up": "#!/bin/sh\necho up\n"})
        (tmp_path / "bin" / "up").chmod(0o755)
        assert (
            self.heard(lambda say: CommandTool(top=tmp_path, command="bin/up").upgrade(self.URL, None, say)) == "up"
        )

    def test_a_version_that_cannot_be_told_is_refused_before_anything_runs(self, tmp_path: Path) -> None:
        tool = CommandTool(top=tmp_path, command=["touch", "ran"], rollback_command=["touch", "{to}"])
        with pytest.raises(UsageError, match="takes no version"):
            tool.upgrade(self.URL, "7", ignore)
        with pytest.raises(UsageError, match="taken for an option"):
            tool.downgrade(self.URL, "--all", ignore)
        with pytest.raises(UsageError, match="not known how touch rolls back"):
            CommandTool(top=tmp_path, command=["touch"]).downgrade(self.URL, "7", ignore)
        assert list(tmp_path.iterdir()) == []

    def test_what_cannot_be_promised_depends_on_what_is_configured(self, tmp_path: Path) -> None:
        bare = CommandTool(top=tmp_path, command="/opt/mytool up")
        full = CommandTool(
            top=tmp_path, command="mytool up", status_command="mytool status", rollback_command="mytool down {to}"
        )
        assert bare.name == full.name == "mytool"
        assert len(bare.cannot()) == len(full.cannot()) + 2


def _asked(top: Path, argv: tuple[str, ...]) -> Callable[[str, str | None, Callable[[str], None]], object]:
    return lambda url, to, say: CommandTool(top=top, command=["true"], status_command=argv).pending(url)


class TestMake:
    def test_the_engine_names_the_tool(self, tmp_path: Path) -> None:
        write(tmp_path, {"db/alembic.ini": "", "manage.py": ""})
        assert tools.make(Migrations(engine="alembic"), "db/migrations", tmp_path) == Alembic(
            folder=tmp_path / "db", top=tmp_path
        )
        assert tools.make(Migrations(engine="django"), "migrations", tmp_path) == Django(
            folder=tmp_path, top=tmp_path
        )
        made = tools.make(
            Migrations(engine="command", command="up {to}", rollback_command=("back", "{to}")), "", tmp_path
        )
        assert made == CommandTool(
            top=tmp_path, command="up {to}", status_command=None, rollback_command=("back", "{to}")
        )

    @pytest.mark.parametrize(
        ("engine", "said"),
        [("alembic", "no alembic.ini"), ("django", "no manage.py"), ("command", "needs a command")],
    )
    def test_what_is_missing_is_said(self, tmp_path: Path, engine: str, said: str) -> None:
        with pytest.raises(UsageError, match=said):
            tools.make(Migrations(engine=engine), "migrations", tmp_path)  # type: ignore[arg-type]

    def test_the_active_environments_python_is_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
        assert Alembic(folder=tmp_path, top=tmp_path).python == sys.executable
        write(tmp_path, {"bin/python": ""})
        assert Alembic(folder=tmp_path, top=tmp_path).python == str(tmp_path / "bin" / "python")


class TestPlace:
    """Whether a tool speaks to the database that shipit holds the lock of."""

    @pytest.mark.parametrize(
        ("url", "database", "port"),
        [
            ("postgresql://ada@db/acme", "acme", None),
            ("postgresql://ada@db:5432/acme", "acme", "5432"),
            ("postgresql://ada@db:5432/ac%20me", "ac me", 5432),
            ("postgresql://ada@a:1,b:2/acme", "other", 1),  # libpq reads that, and we compare nothing
            ("postgresql:///?service=acme", "anything", 7),
            ("postgresql://db/acme", "", ""),
            ("sqlite:////srv/acme.db", "/srv/./acme.db", None),
        ],
    )
    def test_the_same_place_may_be_written_otherwise(self, url: str, database: str, port: object) -> None:
        location.insist_on("tool", url, {"database": database, "port": port})

    @pytest.mark.parametrize(
        ("url", "database", "port"),
        [
            ("postgresql://ada:throw-away@db/acme", "other", 5432),
            ("postgresql://ada:throw-away@db:5433/acme", "acme", "5432"),
            ("sqlite:////srv/acme.db", "/srv/other.db", None),
            ("sqlite:////srv/acme.db", ":memory:", None),
        ],
    )
    def test_another_place_is_refused_without_a_password(self, url: str, database: str, port: object) -> None:
        with pytest.raises(Refused, match="another database") as refused:
            location.insist_on("tool", url, {"database": database, "port": port})
        assert "throw-away" not in "".join(refused.value.evidence)
        assert database in refused.value.evidence[0]

    def test_an_answer_is_found_among_other_words_and_its_absence_is_told(self) -> None:
        assert location.answer("tool", f'hello\n{location.MARK}{{"a": 1}}\nbye') == {"a": 1}
        with pytest.raises(ExternalError, match="did not say") as explained:
            location.answer("tool", "hello")
        assert explained.value.evidence == ("hello",)

    def test_files_of_environments_are_not_the_projects(self, tmp_path: Path) -> None:
        write(tmp_path, {".venv/a.py": "word", "b.py": "word", "c.py": "other", "d.txt": "word"})
        assert location.mentions(tmp_path, ("word",)) == ["b.py"]


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

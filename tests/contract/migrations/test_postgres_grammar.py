"""PostgreSQL's grammar: statements with places, what is wrong and where, PL/pgSQL bodies."""

import time

import pytest

from shipit.adapters.postgres import libpg_query
from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.migrations.statements import quiet

GRAMMAR = PostgresGrammar()


def faults(text: str, line: int = 1) -> list[str]:
    return [f"{each.place} {each.rule}: {each.what}" for each in GRAMMAR.read("a.sql", text, line).findings]


def spans(text: str, line: int = 1) -> list[tuple[str, int, int]]:
    read = GRAMMAR.read("a.sql", text, line)
    assert read.findings == ()
    return [(words, at, column) for words, at, column, _ in read.statements]


def function(body: str, head: str = "RETURNS int LANGUAGE plpgsql") -> str:
    return f"CREATE FUNCTION f() {head} AS $$\n{body}\n$$;"


class TestStatements:
    def test_each_stands_where_its_first_word_stands(self) -> None:
        text = "-- é\nSELECT 'é';  /* a /* b */ c */ SELECT 2\n;;\n\n  SELECT 3"
        assert spans(text, 10) == [("SELECT 'é'", 11, 1), ("SELECT 2", 11, 32), ("SELECT 3", 14, 3)]

    def test_comments_behind_the_last_statement_are_no_part_of_it(self) -> None:
        assert spans("SELECT 'a' -- b\n/* c */ ") == [("SELECT 'a'", 1, 1)]

    def test_their_trees_are_those_of_libpg_query(self) -> None:
        ((_, _, _, tree),) = GRAMMAR.read("a.sql", "DROP TABLE a").statements
        assert tree is not None
        assert tree["DropStmt"]["removeType"] == "OBJECT_TABLE"

    @pytest.mark.parametrize("text", ["", "\n", "-- nothing", ";;"])
    def test_an_empty_file_holds_none(self, text: str) -> None:
        assert spans(text) == []

    def test_syntax_of_the_newest_server_is_known(self) -> None:
        assert spans("CREATE TABLE a (b int GENERATED ALWAYS AS (1) VIRTUAL, NOT NULL b)")

    def test_a_tree_that_is_too_deep_leaves_its_statements(self) -> None:
        text = "SELECT 'é'; SELECT " + " + ".join("1" * 1200) + "; SELECT 3"
        read = GRAMMAR.read("a.sql", text)
        assert [(words[-1], column) for words, _, column, _ in read.statements] == [
            ("'", 1),
            ("1", 13),
            ("3", len(text) - 7),
        ]
        assert [tree for *_, tree in read.statements] == [None, None, None]

    def test_a_long_one_is_first_read_by_a_child(self) -> None:
        text = "SELECT 1; SELECT " + ", ".join(f"'{number:06}'" for number in range(5000))
        assert [column for _, _, column in spans(text)] == [1, 11]

    def test_one_of_which_the_child_dies_is_named_and_nothing_else_dies(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(libpg_query, "_CHILD", "import os, sys; sys.stdin.read(); os.kill(os.getpid(), 11)")
        long = ", ".join(f"'{number:06}'" for number in range(5000))
        assert faults(f"SELECT 'é';\n\n  SELECT {long};\nSELECT 2") == [f"a.sql:3:3 syntax: {libpg_query.TOO_DEEP}"]
        assert faults(function(f"BEGIN RETURN length(concat({long})); END")) == [
            f"a.sql:1:1 syntax: {libpg_query.TOO_DEEP}"
        ]

    def test_many_short_ones_need_no_child(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(libpg_query, "_CHILD", "import os, sys; sys.stdin.read(); os.kill(os.getpid(), 11)")
        assert len(spans("INSERT INTO a VALUES ('b');\n" * 5000)) == 5000

    def test_where_the_stack_is_small_a_shorter_one_is_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(libpg_query, "_CHILD", "import os, sys; sys.stdin.read(); os.kill(os.getpid(), 11)")
        monkeypatch.setattr("resource.getrlimit", lambda _: (64 * 1024, 64 * 1024))
        assert spans("SELECT 1")
        assert faults(f"SELECT '{'a' * 300}'") == [f"a.sql:1:1 syntax: {libpg_query.TOO_DEEP}"]

    def test_a_thousand_files_take_less_than_a_second(self) -> None:
        text = "CREATE TABLE a (id bigint PRIMARY KEY, b text NOT NULL DEFAULT 'x');\nCREATE INDEX ON a (b);"
        start = time.process_time()
        for _ in range(1000):
            GRAMMAR.read("a.sql", text)
        assert time.process_time() - start < 1


class TestFaults:
    def test_a_fault_has_the_place_and_the_words_of_postgresql(self) -> None:
        assert faults("SELECT 1;\nCREATE TABEL a ()") == ['a.sql:2:8 syntax: syntax error at or near "TABEL"']

    def test_characters_count_not_bytes(self) -> None:
        assert faults("SELECT 'éééé', 'é' FROM ;") == ['a.sql:1:25 syntax: syntax error at or near ";"']
        assert faults("SELECT 'éé'; SELECT 'é") == [
            'a.sql:1:21 syntax: unterminated quoted string at or near "\'é"'
        ]

    def test_a_script_inside_of_a_file_counts_from_its_line(self) -> None:
        assert faults("\nSELECT 1 FROM", 7) == ["a.sql:8:14 syntax: syntax error at end of input"]

    def test_nothing_hides_behind_a_nul(self) -> None:
        assert faults("SELECT 1;\0 DROP TABLE a") == ["a.sql:1:10 syntax: a NUL character cannot stand in SQL"]

    def test_psql_is_named_before_the_grammar_is_asked(self) -> None:
        assert [each.partition(": ")[0] for each in faults("\\connect x\nCREATE TABEL a;")] == [
            "a.sql:1:1 meta-command"
        ]

    def test_too_many_brackets_are_a_fault_and_no_crash(self) -> None:
        assert "memory exhausted" in faults("SELECT " + "(" * 20000)[0]


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "place"),
        [
            ("-- RETRN\nBEGIN\n  RETRN 1;\nEND", "a.sql:4:3"),
            ("BEGIN\n  RETURN (1;\nEND", "a.sql:3:12"),
            ("BEGIN\n  UPDATE a ST x = 1;\nEND", "a.sql:3:15"),
            ("BEGIN\n  PERFORM 'é'; RETURN selec 1 from;\nEND", "a.sql:3:29"),
            ("BEGIN\n  IF true THEN\n    INSRT INTO a;\n  END IF;\nEND", "a.sql:4:16"),
            ("BEGIN\n  x := 1;\nEND", "a.sql:3:3"),
        ],
    )
    def test_a_fault_is_found_with_its_line_in_the_file(self, body: str, place: str) -> None:
        (fault,) = faults(function(body))
        assert fault.startswith(f"{place} plpgsql: ")

    def test_do_blocks_and_procedures_are_read_too(self) -> None:
        assert faults("SELECT 1; DO ' BEGIN PERFOM 1; END '") == [
            'a.sql:1:22 plpgsql: syntax error at or near "PERFOM"'
        ]
        assert faults("CREATE PROCEDURE p() LANGUAGE plpgsql AS $x$ BEGIN PERFOM 1; END $x$")

    @pytest.mark.parametrize("given", ["one shop.users", "VARIADIC many int[]", "a b.c DEFAULT 'd'::b.c"])
    def test_types_that_the_library_does_not_know_hide_no_fault(self, given: str) -> None:
        head = f"CREATE FUNCTION shop.f({given}) RETURNS shop.users LANGUAGE plpgsql"
        text = f"{head} AS $$\nBEGIN\n  {{}} NULL;\nEND $$"
        assert faults(text.format("RETURN")) == []
        assert faults(text.format("RETRUN")) == ['a.sql:3:3 plpgsql: syntax error at or near "RETRUN"']

    def test_a_body_that_ends_too_early_is_told_at_the_line_that_was_reached(self) -> None:
        assert faults("SELECT 1;\nDO $$\nBEGIN\n  IF true THEN NULL;\nEND $$") == [
            "a.sql:3:1 plpgsql: syntax error at end of input"
        ]

    @pytest.mark.parametrize("head", ["RETURNS int LANGUAGE sql", "RETURNS int LANGUAGE plpython3u", "RETURNS int"])
    def test_other_languages_are_not_read(self, head: str) -> None:
        assert faults(function("this is no PL/pgSQL", head)) == []
        assert faults("DO LANGUAGE plperl $$ no PL/pgSQL $$") == []

    @pytest.mark.parametrize(
        ("body", "head"),
        [
            ("BEGIN NEW.a := 1; SELECT 1 INTO NEW.b; RETURN NEW; END", "RETURNS trigger"),
            ("DECLARE r public.t%ROWTYPE; v a.b%TYPE; BEGIN r.a := 1; SELECT * INTO r FROM t; END", "RETURNS void"),
            ("DECLARE q other.kind; BEGIN q.a := 1; END", "RETURNS void"),
            ("DECLARE a p%TYPE; BEGIN RETURN p; END", "RETURNS anyelement"),
            ("BEGIN RAISE NOTICE '% %', tg_event, tg_tag; END", "RETURNS event_trigger"),
            ("DECLARE g geometry(Point, 4326); j jsonb; BEGIN j['a'] := '1'; RETURN g; END", "RETURNS geometry"),
            ("BEGIN RETURN QUERY EXECUTE 'x' USING 1; END", "RETURNS SETOF record"),
        ],
    )
    def test_what_only_a_server_can_know_is_no_fault(self, body: str, head: str) -> None:
        assert faults(function(body, f"{head} LANGUAGE plpgsql")) == []


def test_a_text_is_made_quiet_without_moving_anything() -> None:
    text = "SELECT 'a;b', \"c;d\", E'\\';', $x$ ; $x$ -- ;\n/* ; /* */ ; */ ;"
    assert len(quiet(text)) == len(text)
    assert quiet(text).count(";") == 1

"""The sample of these tests: customers with orders and their lines, and ten migrations of every kind."""

SEEDED = 200
START = f"""
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    total INTEGER NOT NULL,
    touched INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    "order" INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    what TEXT NOT NULL
);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20)
INSERT INTO customers SELECT i, 'customer ' || i FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {SEEDED})
INSERT INTO orders (customer, total) SELECT 1 + i % 20, i FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {SEEDED})
INSERT INTO lines SELECT i, i, 'line ' || i FROM n;
"""

# None of the effects can be had twice unseen: rows are counted, and what is added is added up
FILES = {
    "0001_worth.sql": f"""\
CREATE TABLE worth (customer INTEGER PRIMARY KEY REFERENCES customers (id), orders INTEGER NOT NULL);
INSERT INTO worth SELECT customer, count(*) FROM orders WHERE id <= {SEEDED} GROUP BY customer;
""",
    "0002_touch.sql": f"UPDATE orders SET touched = touched + 1 WHERE id <= {SEEDED};\n",
    "0002_touch.verify.sql": f"SELECT touched = 1 FROM orders WHERE id <= {SEEDED};\n",
    "0003_swept.sql": "VACUUM;\n",
    "0004_state.sql": """\
CREATE TABLE orders_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    total INTEGER NOT NULL,
    touched INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent'))
);
INSERT INTO orders_new (id, customer, total, touched) SELECT id, customer, total, touched FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;
CREATE INDEX orders_by_customer ON orders (customer);
""",
    "0004_state.verify.sql": f"SELECT count(*) = {SEEDED} FROM lines;\n",
    "0005_points.py": f"""\
def up(connection):
    connection.execute("CREATE TABLE points (customer INTEGER, points INTEGER)")
    cursor = connection.cursor()
    cursor.execute("SELECT customer, sum(total) FROM orders WHERE id <= {SEEDED} GROUP BY customer ORDER BY 1")
    connection.executemany("INSERT INTO points VALUES (?, ?)", cursor.fetchall()[:3])
""",
    "0006_version.sql": "-- shipit: solo\nPRAGMA user_version = 6;\n",
    "0007_counted.sql": """\
CREATE TABLE counted (number INTEGER NOT NULL);
INSERT INTO counted VALUES (0);
CREATE TRIGGER counting AFTER DELETE ON lines BEGIN UPDATE counted SET number = number + 1; END;
DELETE FROM lines WHERE id % 10 = 0;
""",
    "0008_returns.sql": f"""\
CREATE TABLE returns ("order" INTEGER NOT NULL REFERENCES orders (id), at TEXT);
INSERT INTO returns ("order") SELECT id FROM orders WHERE id <= {SEEDED} AND total % 10 = 0 RETURNING "order";
CREATE VIEW returned AS SELECT o.id, o.total FROM orders o JOIN returns r ON r."order" = o.id;
""",
    "0009_swept.sql": "VACUUM;\n",
    "0010_named.sql": "ALTER TABLE lines RENAME COLUMN what TO name;\n",
}
# They fail where there are rows, and not in a rehearsal
BROKEN = {"0009_one_total.sql": "CREATE UNIQUE INDEX one_touch ON orders (touched);\n"}
MENDED = {"0009_one_total.sql": "CREATE UNIQUE INDEX one_total ON orders (total, id);\n"}
# What down scripts bring back, in two transactions and a statement that neither can hold
REVERSIBLE = {
    "0001_notes.sql": """\
CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
CREATE INDEX by_body ON notes (body);
""",
    "0001_notes.down.sql": "DROP TABLE notes;\n",
    "0002_swept.sql": "VACUUM;\n",
    "0002_swept.down.sql": "SELECT 1;\n",
    "0003_by_customer.sql": "CREATE INDEX orders_by_customer ON orders (customer);\n",
    "0003_by_customer.down.sql": "DROP INDEX orders_by_customer;\n",
}

# Asked of SQLite itself, not in the way of shipit
OF_RUNS = ("last run", "runs without an end")
STANDING = {
    "schema": "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT GLOB 'shipit_*'"
    " AND tbl_name NOT GLOB 'shipit_*' ORDER BY type, name",
    "orders": f"SELECT * FROM orders WHERE id <= {SEEDED} ORDER BY id",
    "lines": "SELECT * FROM lines ORDER BY id",
    "customers": "SELECT * FROM customers ORDER BY id",
    "version": "PRAGMA user_version",
    "broken references": "PRAGMA foreign_key_check",
    "integrity": "PRAGMA integrity_check",
    "ledger": "SELECT version, name, sha256 FROM shipit_migration ORDER BY position",
    "intents": "SELECT * FROM shipit_intent",
    "last run": "SELECT outcome FROM shipit_run ORDER BY started DESC, rowid DESC LIMIT 1",
    "runs without an end": "SELECT id FROM shipit_run WHERE ended IS NULL",
}
MORE = {
    "worth": "SELECT * FROM worth ORDER BY 1",
    "points": "SELECT * FROM points ORDER BY 1",
    "counted": "SELECT * FROM counted",
    "returns": "SELECT * FROM returns ORDER BY 1",
    "returned": "SELECT count(*) FROM returned",
}

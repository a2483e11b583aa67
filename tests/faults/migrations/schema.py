"""The sample of the fault tests: a table with rows and people at work in it, and ten migrations of every kind."""

SEEDED = 200
START = f"""
CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    customer text NOT NULL,
    total integer NOT NULL,
    touched integer NOT NULL DEFAULT 0
);
CREATE INDEX orders_by_total ON orders (total);
INSERT INTO orders (customer, total) SELECT 'customer ' || n % 20, n FROM generate_series(1, {SEEDED}) n;
"""

# None of the effects can be had twice unseen: rows are counted, and what is added is added up
FILES = {
    "0001_customers.sql": f"""\
CREATE TABLE customers (name text PRIMARY KEY, orders bigint NOT NULL);
INSERT INTO customers SELECT customer, count(*) FROM orders WHERE id <= {SEEDED} GROUP BY customer;
""",
    "0002_state.sql": """\
CREATE TYPE order_state AS ENUM ('open', 'sent');
ALTER TABLE orders ADD COLUMN state order_state;
""",
    "0003_touch.sql": f"UPDATE orders SET touched = touched + 1 WHERE id <= {SEEDED};\n",
    "0003_touch.verify.sql": f"SELECT touched = 1 FROM orders WHERE id <= {SEEDED};\n",
    "0004_orders_by_customer.sql": "CREATE INDEX CONCURRENTLY orders_by_customer ON orders (customer);\n",
    "0005_returned.sql": "ALTER TYPE order_state ADD VALUE 'returned';\n",
    "0006_worth.sql": """\
CREATE FUNCTION worth(wanted text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT sum(total) FROM orders WHERE customer = wanted);
END
$$;
CREATE VIEW worthy AS SELECT name, worth(name) AS worth FROM customers;
""",
    "0007_points.py": f"""\
def up(connection):
    connection.execute("CREATE TABLE points (customer text, points bigint)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer, sum(total) FROM orders WHERE id <= {SEEDED} GROUP BY customer ORDER BY 1")
        for row in cursor.fetchall()[:3]:
            connection.execute("INSERT INTO points VALUES (%s, %s)", row)
""",
    "0008_returns.sql": f"""\
CREATE TABLE returns (order_id bigint, state order_state NOT NULL DEFAULT 'returned');
INSERT INTO returns (order_id) SELECT id FROM orders WHERE id <= {SEEDED} AND total % 10 = 0;
""",
    "0009_no_index_by_total.sql": "DROP INDEX CONCURRENTLY orders_by_total;\n",
    "0010_swept.sql": "-- shipit: solo\nVACUUM ANALYZE orders;\n",
}

OF_RUNS = ("last run", "runs without an end")
# Asked of PostgreSQL's own catalog, not in the way of shipit
STANDING = {
    "columns": """
SELECT table_name, column_name, udt_name, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY 1, 2""",
    "indexes": """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1""",
    "values": "SELECT enumlabel FROM pg_enum ORDER BY enumsortorder",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
    "customers": "SELECT * FROM customers ORDER BY 1",
    "points": "SELECT * FROM points ORDER BY 1",
    "returns": "SELECT * FROM returns ORDER BY 1",
    "orders": f"SELECT id, customer, total, touched, state FROM orders WHERE id <= {SEEDED} ORDER BY id",
    "ledger": "SELECT version, name, sha256 FROM shipit.migration ORDER BY position",
    "intents": "SELECT * FROM shipit.intent",
    "last run": "SELECT outcome FROM shipit.run ORDER BY started_at DESC, id DESC LIMIT 1",
    "runs without an end": "SELECT id FROM shipit.run WHERE ended_at IS NULL",
    "locks": "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())",
    "copies": "SELECT datname FROM pg_database WHERE datname LIKE 'shipit%'",
}

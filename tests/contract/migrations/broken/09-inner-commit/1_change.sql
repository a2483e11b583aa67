UPDATE users SET name = trim(name) WHERE name <> trim(name);
COMMIT;
CREATE INDEX CONCURRENTLY ON users (name);

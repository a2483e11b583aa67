CREATE INDEX CONCURRENTLY users_name ON users (name);
CREATE INDEX CONCURRENTLY users_mail ON users (mail);

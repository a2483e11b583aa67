ALTER TABLE users ADD COLUMN mail text;
CREATE INDEX CONCURRENTLY users_mail ON users (mail);

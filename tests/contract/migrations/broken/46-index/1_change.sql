-- many rows
CREATE UNIQUE INDEX users_mail ON users (lower(mail)) WHERE mail IS NOT NULL;

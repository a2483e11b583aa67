ALTER TABLE users
    ADD COLUMN mail text NOT NULL;

ALTER TABLE users ADD CONSTRAINT users_mail UNIQUE (mail);

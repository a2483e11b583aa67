INSERT INTO users VALUES ('Zoë');

INSERT INTO users (name) VALUES ('Zoë');
INSERT INTO users (name) VALUES ('Anaïs);

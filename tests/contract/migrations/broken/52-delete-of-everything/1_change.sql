CREATE TABLE n (id bigint);
DELETE FROM n;
DELETE FROM users;

CREATE TABLE a (id bigint);
VACUUM users;

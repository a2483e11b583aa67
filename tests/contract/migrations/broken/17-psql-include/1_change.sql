CREATE TABLE users (id bigint);
\i seeds.sql

CREATE TABLE users (id bigint, name text);
COPY users (id, name) FROM stdin;
1	\N
2	Zoë
\.

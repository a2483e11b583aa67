\connect shop
CREATE TABLE users (id bigint);

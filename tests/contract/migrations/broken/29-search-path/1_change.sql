SET search_path = shop;
CREATE TABLE users (id bigint);

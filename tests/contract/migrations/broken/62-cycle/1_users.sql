-- shipit: depends 2
CREATE TABLE users (id bigint);

-- shipit: depends 7
CREATE TABLE users (id bigint);

-- shipit: depends 1
CREATE TABLE orders (id bigint);

CREATE TABLE users (id bigint);
SAVEPOINT before_rows;
ROLLBACK TO before_rows;

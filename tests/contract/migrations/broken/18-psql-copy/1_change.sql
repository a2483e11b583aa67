CREATE TABLE users (id bigint);
\copy users FROM 'users.csv'

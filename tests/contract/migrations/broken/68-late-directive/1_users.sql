DROP TABLE users;
-- shipit: contract

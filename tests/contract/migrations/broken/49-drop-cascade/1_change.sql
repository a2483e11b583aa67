-- shipit: contract
DROP TABLE users CASCADE;

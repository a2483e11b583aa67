-- shipit: allow ban-drop-table
DROP TABLE users;

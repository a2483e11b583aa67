ALTER TABLE shop.users RENAME TO people;

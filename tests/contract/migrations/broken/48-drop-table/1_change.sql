DROP TABLE IF EXISTS users, shop.orders;

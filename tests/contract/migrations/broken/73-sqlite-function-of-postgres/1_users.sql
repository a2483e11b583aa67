CREATE TABLE users (
    at TEXT DEFAULT now()
);

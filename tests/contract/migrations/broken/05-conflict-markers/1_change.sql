CREATE TABLE users (id bigint);
<<<<<<< HEAD
CREATE TABLE a ();
=======
CREATE TABLE b ();
>>>>>>> other

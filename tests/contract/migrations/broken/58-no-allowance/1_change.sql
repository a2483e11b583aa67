-- shipit: allow transaction-control "it must"
CREATE TABLE a (id bigint);
COMMIT;

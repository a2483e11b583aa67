CREATE FUNCTION touch() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    NEW.changed := now();
    RETRUN NEW;
END
$body$;

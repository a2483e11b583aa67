ALTER TYPE shop.state ADD VALUE 'new' BEFORE 'paid';

ALTER TABLE shop.orders ALTER COLUMN state SET DEFAULT 'new';

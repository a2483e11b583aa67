ALTER TYPE state ADD VALUE 'returned';
UPDATE orders SET state = 'returned' WHERE sent IS NULL;

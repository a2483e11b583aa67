SELECT delivery, kind, payload, received_at FROM events WHERE false;

SELECT id, body, tags FROM notes WHERE false;

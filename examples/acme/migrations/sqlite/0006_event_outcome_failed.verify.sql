SELECT sql LIKE '%failed%' FROM sqlite_master WHERE name = 'events';

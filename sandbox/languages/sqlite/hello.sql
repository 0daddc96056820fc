SELECT 'Hello from SQLite!' AS greeting;

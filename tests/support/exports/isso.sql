CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (
    tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,
    created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR,
    text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
    likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL,
    notification INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER remove_stale_threads AFTER DELETE ON comments BEGIN
    DELETE FROM threads WHERE id NOT IN (SELECT tid FROM comments);
END;
INSERT INTO threads VALUES (7, '/harbour-plan', 'Council backs the harbour plan & the ferry');
INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author, email, voters) VALUES
    (7, 1, NULL, 1456826400.0, 1, '203.0.113.0', 'The **ferry** is late.' || char(10) || 'See [the plan](https://example.com/plan).', 'Ann Archer', 'ann@example.com', x'00'),
    (7, 2, 1, 1456830000.0, 1, '203.0.113.0', 'It was late last year as well.', 'Bob', NULL, x'00'),
    (7, 3, 2, 1456833600.0, 4, '203.0.113.0', '', NULL, 'cid@example.com', x'00'),
    (7, 4, 3, 1456837200.0, 1, '203.0.113.0', 'Thank you, I did not know that.', 'Ann Archer', 'ann@example.com', x'00'),
    (7, 5, NULL, 1456840800.0, 2, '203.0.113.0', 'Is this seen by anybody?', 'Dan', NULL, x'00');

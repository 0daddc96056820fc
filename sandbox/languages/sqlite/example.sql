-- Which customers have never ordered anything? There should be one, so why does nobody come back?

CREATE TABLE customers (name TEXT PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT REFERENCES customers, cents INTEGER NOT NULL);

INSERT INTO customers VALUES ('Ada'), ('Grace'), ('Linus');
INSERT INTO orders (customer, cents) VALUES ('Ada', 450), ('Grace', 300), (NULL, 520);

SELECT * FROM orders;

CREATE TEMP TABLE silent AS
  SELECT name FROM customers WHERE name NOT IN (SELECT customer FROM orders);

SELECT count(*) AS found FROM silent;

CREATE TEMP TABLE assertions (holds INTEGER CHECK (holds));
INSERT INTO assertions SELECT count(*) = 1 FROM silent;

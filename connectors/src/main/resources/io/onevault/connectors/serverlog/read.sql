-- What stands in a file from a position on? NULL when there is no such file.

SELECT pg_read_binary_file(?, ?, ?, true);

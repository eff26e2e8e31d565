-- Which files are in the log's folder, and when were they last written?

SELECT name, size, (extract(epoch FROM modification) * 1000000)::bigint
FROM pg_ls_logdir();

-- KEYS: readers of the lane, the reader's cursor. ARGV: reader, where it starts if it has no cursor.
-- From now on the lane keeps what this reader has not committed.
return redis.call('HSETNX', KEYS[1], ARGV[1], redis.call('GET', KEYS[2]) or ARGV[2])

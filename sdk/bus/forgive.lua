-- KEYS: the hash of what was attempted. Takes the last attempt off the count again.
if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('HSET', KEYS[1], 'count', math.max(0, (redis.call('HGET', KEYS[1], 'count') or 0) - 1), 'opens_at', 0)
end

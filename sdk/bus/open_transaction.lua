-- KEYS: the id given to this natural key, hash of the new transaction. ARGV: new id, its fields.
-- Gives {id, 1 if new}.
local given = redis.call('GET', KEYS[1])
if given then return {tonumber(given), 0} end
redis.call('SET', KEYS[1], ARGV[1])
for at = 2, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
return {tonumber(ARGV[1]), 1}

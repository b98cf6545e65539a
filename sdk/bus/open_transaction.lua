-- KEYS: the id given to this natural key, hash of the new transaction. ARGV: ms that each of the two is
-- kept, new id, its fields. Gives {id, 1 if new}.
local given = redis.call('GET', KEYS[1])
if given then return {tonumber(given), 0} end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[1])
if #ARGV > 3 then
  redis.call('HSET', KEYS[2], unpack(ARGV, 4))
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return {tonumber(ARGV[3]), 1}

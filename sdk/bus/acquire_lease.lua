-- KEYS: lease, fence. ARGV: owner, ttl ms, random part. Gives the token, or nothing if another holds it.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return nil end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local token = redis.call('GET', KEYS[2])
if holder and token then return token end
local number = tonumber(string.match(token or '0', '^%d+')) + 1
token = string.format('%d-%s', number, ARGV[3])
redis.call('SET', KEYS[2], token)
return token

-- KEYS: fence. ARGV: random part. Gives the new token.
local number = tonumber(string.match(redis.call('GET', KEYS[1]) or '0', '^%d+')) + 1
local token = string.format('%d-%s', number, ARGV[1])
redis.call('SET', KEYS[1], token)
return token

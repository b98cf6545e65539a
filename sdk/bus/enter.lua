-- KEYS: fence, state, commands, cursor, readers of the lane, the lane. ARGV: random part, reader.
-- Gives the new token, state, commands, where the reader stands, and the lane's newest entry.
local number = tonumber(string.match(redis.call('GET', KEYS[1]) or '0', '^%d+')) + 1
local token = string.format('%d-%s', number, ARGV[1])
redis.call('SET', KEYS[1], token)
local cursor = redis.call('GET', KEYS[4]) or '0-0'
redis.call('HSETNX', KEYS[5], ARGV[2], cursor)
local newest = redis.call('XREVRANGE', KEYS[6], '+', '-', 'COUNT', 1)
return {
  token,
  redis.call('HGETALL', KEYS[2]),
  redis.call('HGETALL', KEYS[3]),
  cursor,
  newest[1] and newest[1][1] or '0-0',
}

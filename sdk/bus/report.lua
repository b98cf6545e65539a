-- What apply.lua does, for readings alone: they are nearly all that a gateway writes.
-- KEYS: fence, hash that names the newest input, lane, its readers, a second hash or none.
-- ARGV: token, field and value of that name, limit, entries to keep, how many arguments follow for
-- each hash, those arguments, and id and body of each event.
local fence, first, lane, readers, second = unpack(KEYS)
local token, field, name, limit, kept = unpack(ARGV, 1, 5)
if redis.call('GET', fence) ~= token then return 'fenced' end
if redis.call('HGET', first, field) == name then return 'duplicate' end
limit, kept = tonumber(limit), tonumber(kept)
local length = redis.call('XLEN', lane)
if length >= limit and not has_room(lane, readers, limit) then return 'full' end

local of_first, of_second, at = tonumber(ARGV[6]), tonumber(ARGV[7]), 8
redis.call('HSET', first, unpack(ARGV, at, at + of_first - 1))
at = at + of_first
if second then redis.call('HSET', second, unpack(ARGV, at, at + of_second - 1)) end
at = at + of_second

local last = redis.call('XREVRANGE', lane, '+', '-', 'COUNT', 1)
local previous = last[1] and last[1][1] or '0-0'
for event = at, #ARGV, 2 do
  if length >= 2 * kept and length % kept == 0 then trim(lane, readers, kept) end
  local id, body = ARGV[event], ARGV[event + 1]
  local entry = redis.call('XADD', lane, '*', 'e', id, 'd', body)
  redis.call('PUBLISH', lane, entry .. ' ' .. previous .. ' ' .. id .. ' ' .. body)
  previous, length = entry, length + 1
end
return 'applied'

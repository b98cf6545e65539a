-- Shared by publish.lua and apply.lua, which it is put in front of.
-- Bodies are passed through as they are: Lua's numbers would round what is in them.

local function newer(a, b)
  local a_ms, a_n = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_n = string.match(b, '^(%d+)-(%d+)$')
  a_ms, b_ms = tonumber(a_ms), tonumber(b_ms)
  if a_ms ~= b_ms then return a_ms > b_ms end
  return tonumber(a_n) > tonumber(b_n)
end

-- Drops what every durable reader has committed; without such a reader, nothing.
local function trim(stream, readers, kept)
  local lowest
  for _, cursor in ipairs(redis.call('HVALS', readers)) do
    if not lowest or newer(lowest, cursor) then lowest = cursor end
  end
  if not lowest then return end
  if kept > 0 then
    local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', kept)
    if #newest == 0 then return end
    local oldest_kept = newest[#newest][1]
    if newer(lowest, oldest_kept) then lowest = oldest_kept end
  end
  redis.call('XTRIM', stream, 'MINID', lowest)
end

-- Tells whether a stream is, or can be brought, below `limit`. Without a durable reader nobody has
-- been promised its oldest entries: they go.
local function has_room(stream, readers, limit)
  if redis.call('XLEN', stream) < limit then return true end
  if redis.call('HLEN', readers) == 0 then
    redis.call('XTRIM', stream, 'MAXLEN', '~', limit - 1)
    return true
  end
  trim(stream, readers, 1)
  return redis.call('XLEN', stream) < limit
end

-- event: id, body, ttl (ms; 0: not remembered), mode ('keep' or 'cap'), size (entries to keep, or
-- the cap). Gives the stream id and 1 if it was there before; nil if `limit` (0: none) is reached.
local function append(stream, done, readers, event, limit)
  local remembered = event.ttl ~= '0'
  if remembered then
    local earlier = redis.call('GET', done)
    if earlier then return earlier, 1 end
  end
  local entry
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
  local previous = last[1] and last[1][1] or '0-0'
  if event.mode == 'cap' then
    entry = redis.call('XADD', stream, 'MAXLEN', '~', event.size, '*', 'e', event.id, 'd', event.body)
  else
    local length = redis.call('XLEN', stream)
    if length >= 2 * event.size and length % event.size == 0 then
      trim(stream, readers, event.size)
    end
    if limit > 0 and length >= limit then
      trim(stream, readers, 1)
      if redis.call('XLEN', stream) >= limit then return nil end
    end
    entry = redis.call('XADD', stream, '*', 'e', event.id, 'd', event.body)
  end
  if remembered then redis.call('SET', done, entry, 'PX', event.ttl) end
  redis.call('PUBLISH', stream, entry .. ' ' .. previous .. ' ' .. event.id .. ' ' .. event.body)
  return entry, 0
end

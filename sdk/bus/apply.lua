-- All that one input changes, or nothing. KEYS and ARGV are read in order, as commit_call.py wrote them.
local key_at, arg_at = 0, 0
local function key() key_at = key_at + 1; return KEYS[key_at] end
local function arg() arg_at = arg_at + 1; return ARGV[arg_at] end
local function count() return tonumber(arg()) end

for _ = 1, count() do
  if redis.call('GET', key()) ~= arg() then return 'fenced' end
end

local cursor, reached, indexes = nil, nil, {}
if count() == 1 then
  cursor, reached = key(), arg()
  for at = 1, count() do indexes[at] = key() end
end
local reader = arg()
local function move_cursor()
  if not cursor then return end
  local held = redis.call('GET', cursor)
  if held and not newer(reached, held) then return end
  redis.call('SET', cursor, reached)
  for _, index in ipairs(indexes) do
    if redis.call('HEXISTS', index, reader) == 1 then redis.call('HSET', index, reader, reached) end
  end
end

-- The call's own nonce is stored, so that its repeat after a lost answer is told that it went through.
local applied, nonce, ttl
if count() == 1 then
  applied, nonce, ttl = key(), arg(), arg()
  local held = redis.call('GET', applied)
  if held then
    move_cursor()
    return held == nonce and 'applied' or 'duplicate'
  end
end

if count() == 1 and redis.call('HGET', key(), arg()) == arg() then
  move_cursor()
  return 'duplicate'
end

for _ = 1, count() do
  local stored = redis.call('HGET', key(), 'version') or '0'
  if tonumber(stored) ~= count() then return 'conflict' end
end

local full
if count() == 1 then
  local stream, readers, limit, refuses = key(), key(), count(), arg()
  if not has_room(stream, readers, limit) then
    if refuses == '1' then return 'full' end
    full = stream
  end
end

for _ = 1, count() do redis.call('APPEND', key(), arg()) end
for _ = 1, count() do redis.call('SETNX', key(), arg()) end

for _ = 1, count() do
  local hash = key()
  if arg() == '1' then redis.call('DEL', hash) end
  local fields = count()
  if fields > 0 then
    redis.call('HSET', hash, unpack(ARGV, arg_at + 1, arg_at + 2 * fields))
    arg_at = arg_at + 2 * fields
  end
end

for _ = 1, count() do
  local hash, fields = key(), count()
  if fields > 0 then
    redis.call('HDEL', hash, unpack(ARGV, arg_at + 1, arg_at + fields))
    arg_at = arg_at + fields
  end
end

for _ = 1, count() do
  local stream, done, readers = key(), key(), key()
  local event = {}
  event.id = arg()
  event.body = arg()
  event.ttl = arg()
  event.mode = arg()
  event.size = count()
  if stream ~= full then append(stream, done, readers, event, 0) end
end

move_cursor()
if applied then redis.call('SET', applied, nonce, 'PX', ttl) end
return 'applied'

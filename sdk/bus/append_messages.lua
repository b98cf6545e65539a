-- KEYS: message log, counts. ARGV: batch id, entries and bytes to keep, time to live in ms,
-- how many entries come, the entries, then a name and a number for each count.
-- The batch that came last, sent again because its answer was lost, changes nothing.
local head = 5
if redis.call('HGET', KEYS[2], 'batch') == ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'batch', ARGV[1])
local last = head + tonumber(ARGV[5])
for at = last + 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[2], ARGV[at], ARGV[at + 1])
end
if last == head then return 1 end
for at = head + 1, last do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'd', ARGV[at])
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local length, most = redis.call('XLEN', KEYS[1]), tonumber(ARGV[3])
while length > 1 and redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', '0') > most do
  length = math.floor(length * 7 / 8)
  redis.call('XTRIM', KEYS[1], 'MAXLEN', length)
end
return 1

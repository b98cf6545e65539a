-- KEYS: stream, done, readers. ARGV: event id, body, ttl ms, mode, size, limit.
-- Gives {stream id, 1 if a double}, or nothing if the lane is full.
local event = {id = ARGV[1], body = ARGV[2], ttl = ARGV[3], mode = ARGV[4], size = tonumber(ARGV[5])}
local entry, double = append(KEYS[1], KEYS[2], KEYS[3], event, tonumber(ARGV[6]))
if not entry then return nil end
return {entry, double}

-- KEYS: the hash of what is attempted. ARGV: free attempts, longest wait ms, memory ms.
-- Counts an attempt and gives 0, or counts nothing and gives the ms until the next is let through.
local function take()
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local held = redis.call('HMGET', KEYS[1], 'count', 'opens_at')
    local left = tonumber(held[2] or '0') - now
    if left > 0 then return math.min(left, tonumber(ARGV[2])) end
    local count = tonumber(held[1] or '0') + 1
    local over = count - tonumber(ARGV[1])
    local wait = 0
    if over >= 0 then wait = math.min(1000 * 2 ^ math.min(over, 40), tonumber(ARGV[2])) end
    redis.call('HSET', KEYS[1], 'count', count, 'opens_at', string.format('%.0f', now + wait))
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return 0
end
return take()

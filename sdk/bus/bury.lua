-- KEYS: mark, dead-letter stream. ARGV: mark's ttl ms, cap, then the entry's fields.
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 3))
end
return 1

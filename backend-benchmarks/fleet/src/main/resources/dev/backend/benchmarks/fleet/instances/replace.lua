-- replace: a member leaves and another one comes, as by deregister and register, but without the sort
-- of all members that each of them costs. The new one sorts as the old one did, so the list has it in
-- its place.
--
-- KEYS[1]  the registry
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- ARGV[1]  the channel to tell of a change
-- ARGV[2]  the member that leaves
-- ARGV[3]  the member that comes
local list = ',' .. (redis.call('GET', KEYS[2]) or '') .. ','
local from, to = string.find(list, ',' .. ARGV[2] .. ',', 1, true)
if not from then
  return redis.error_reply('not in the list: ' .. ARGV[2])
end

redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[1], 'dereg ' .. ARGV[2])

local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + time[2] / 1000, ARGV[3])
redis.call('SET', KEYS[2], string.sub(list, 2, from) .. ARGV[3] .. string.sub(list, to, -2))
redis.call('PUBLISH', ARGV[1], 'reg ' .. ARGV[3])
return 1

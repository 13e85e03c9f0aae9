-- replace: a member leaves and another one comes, as by deregister and register, but without the sort
-- of all members that each of them costs. The new one is as long as the old one and sorts as it did,
-- so it takes its place in the list.
--
-- KEYS[1]  the registry
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- ARGV[1]  the channel to tell of a change
-- ARGV[2]  the member that leaves
-- ARGV[3]  the member that comes
-- ARGV[4]  where the list has it; if it is not there, the checker has found members that expired, and
--          will write the list again
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[1], 'dereg ' .. ARGV[2])

local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + time[2] / 1000, ARGV[3])
local from = tonumber(ARGV[4])
if redis.call('GETRANGE', KEYS[2], from, from + #ARGV[2] - 1) == ARGV[2] then
  redis.call('SETRANGE', KEYS[2], from, ARGV[3])
end
redis.call('PUBLISH', ARGV[1], 'reg ' .. ARGV[3])
return 1

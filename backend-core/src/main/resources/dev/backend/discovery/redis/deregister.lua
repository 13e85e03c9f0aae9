-- deregister: one member leaves.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat by this server's clock
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- ARGV[1]  the units of a score in a second, of which it has fractions: 1000 in gobase-v1, 1 in
--          gobase-v2
-- ARGV[2]  expiry in these units
-- ARGV[3]  the channel to tell of a change
-- ARGV[4]  the member
--
-- It was still live if its score is > now - expiry.
-- Returns 1 if the list was written and the channel told, else 0.
local unit = tonumber(ARGV[1])
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * unit + tonumber(time[2]) * unit / 1000000
local oldest = now - tonumber(ARGV[2])

local before = redis.call('ZSCORE', KEYS[1], ARGV[4])
redis.call('ZREM', KEYS[1], ARGV[4])
if not before or not (tonumber(before) > oldest) then
  return 0
end

local live = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, now)
table.sort(live)
redis.call('SET', KEYS[2], table.concat(live, ','))
redis.call('PUBLISH', ARGV[3], 'dereg ' .. ARGV[4])
return 1

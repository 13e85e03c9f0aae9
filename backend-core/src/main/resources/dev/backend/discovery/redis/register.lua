-- register: a first registration or a heartbeat of one member.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat by this server's clock
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- ARGV[1]  the units of a score in a second, of which it has fractions: 1000 in gobase-v1, 1 in
--          gobase-v2
-- ARGV[2]  expiry in these units
-- ARGV[3]  the channel to tell of a change
-- ARGV[4]  '1': write nothing if a fleet of the other layout lives on the key
-- ARGV[5]  the member
--
-- One member, because gobase-v1 judges only the first of several that existed. It was still live if
-- its score is > now - expiry.
-- Returns 1 if the list was written and the channel told, 0 if not, -1 if refused.
local unit = tonumber(ARGV[1])
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * unit + tonumber(time[2]) * unit / 1000000
local oldest = now - tonumber(ARGV[2])
local other = 1000 / unit

if ARGV[4] == '1' and redis.call('ZCOUNT', KEYS[1], (seconds - 60) * other, (seconds + 60) * other) > 0 then
  return -1
end

local before = redis.call('ZSCORE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[1], now, ARGV[5])
if before and tonumber(before) > oldest then
  return 0
end

local live = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, now)
table.sort(live)
redis.call('SET', KEYS[2], table.concat(live, ','))
redis.call('PUBLISH', ARGV[3], 'reg ' .. ARGV[5])
return 1

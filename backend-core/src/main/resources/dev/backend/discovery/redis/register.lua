-- gobase-v1, register: a first registration or a heartbeat of members.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat in milliseconds of this server's clock
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- ARGV[1]  expiry in milliseconds
-- ARGV[2]  the channel to tell of a change
-- ARGV[3]  '1': write nothing if a gobase-v2 fleet lives on the key
-- ARGV[4]  and on: the members
--
-- Only the score of the first member that exists decides whether anything changed, so callers
-- pass one member per call. A score is still live if it is > now - expiry.
-- Returns 1 if the list was written and the channel told, 0 if not, -1 if refused.
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * 1000 + tonumber(time[2]) / 1000
local oldest = now - tonumber(ARGV[1])

if ARGV[3] == '1' and redis.call('ZCOUNT', KEYS[1], seconds - 60, seconds + 60) > 0 then
  return -1
end

local before
for i = 4, #ARGV do
  before = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if before then
    break
  end
end
for i = 4, #ARGV do
  redis.call('ZADD', KEYS[1], now, ARGV[i])
end
if before and tonumber(before) > oldest then
  return 0
end

local live = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, now)
table.sort(live)
redis.call('SET', KEYS[2], table.concat(live, ','))
redis.call('PUBLISH', ARGV[2], 'reg ' .. table.concat(ARGV, ' ', 4))
return 1

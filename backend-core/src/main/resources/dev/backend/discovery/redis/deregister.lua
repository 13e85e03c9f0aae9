-- gobase-v1, deregister: members leave.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat in milliseconds of this server's clock
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- ARGV[1]  expiry in milliseconds
-- ARGV[2]  the channel to tell of a change
-- ARGV[3]  and on: the members
--
-- Only the score of the first member that existed decides whether anything changed: it was still
-- live if it was > now - expiry.
-- Returns 1 if the list was written and the channel told, else 0.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local oldest = now - tonumber(ARGV[1])

local before
for i = 3, #ARGV do
  before = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if before then
    break
  end
end
for i = 3, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[i])
end
if not before or not (tonumber(before) > oldest) then
  return 0
end

local live = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, now)
table.sort(live)
redis.call('SET', KEYS[2], table.concat(live, ','))
redis.call('PUBLISH', ARGV[2], 'dereg ' .. table.concat(ARGV, ' ', 3))
return 1

-- gobase-v1, check: the elected checker tells readers of members that expired.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat in milliseconds of this server's clock
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- KEYS[3]  the lock: the id of the elected checker; never renewed, so the office rotates
-- ARGV[1]  expiry in milliseconds
-- ARGV[2]  the channel to tell of a change
-- ARGV[3]  the caller's id
-- ARGV[4]  the lock's life in milliseconds
--
-- Live: score within [now - expiry, now], both ends included. A missing list differs from an empty
-- one. What is removed: score <= now - expiry - 1, except scores that can only be a gobase-v2
-- fleet's seconds: another layout's members are not ours to delete.
-- Returns 0 if another one is the checker, 1 if nothing changed, 2 if the list was written and the
-- channel told, -1 if a gobase-v2 fleet lives on the key.
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * 1000 + tonumber(time[2]) / 1000
local oldest = now - tonumber(ARGV[1])

if redis.call('ZCOUNT', KEYS[1], seconds - 60, seconds + 60) > 0 then
  return -1
end

local checker = redis.call('GET', KEYS[3])
if not checker then
  redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
elseif checker ~= ARGV[3] then
  return 0
end

local live = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, now)
table.sort(live)
local list = table.concat(live, ',')
if redis.call('GET', KEYS[2]) == list then
  return 1
end

redis.call('SET', KEYS[2], list)
redis.call('PUBLISH', ARGV[2], 'check')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(1e9')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '1e11', oldest - 1)
return 2

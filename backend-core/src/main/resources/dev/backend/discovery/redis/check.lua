-- check: the elected checker tells readers of members that expired.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat by this server's clock
-- KEYS[2]  the list: the live members, sorted and joined by commas
-- KEYS[3]  the lock: the id of the elected checker; never renewed, so the office rotates
-- ARGV[1]  the units of a score in a second, of which it has fractions: 1000 in gobase-v1, 1 in
--          gobase-v2
-- ARGV[2]  expiry in these units
-- ARGV[3]  the channel to tell of a change
-- ARGV[4]  the caller's id
-- ARGV[5]  the lock's life in milliseconds
--
-- Live: score within [now - expiry, now], both ends included. A missing list differs from an empty
-- one in gobase-v1, and is one in gobase-v2. What is removed: score <= now - expiry - 1, which is a
-- millisecond in gobase-v1 and a second in gobase-v2, except what can only be a score of the other
-- layout: another layout's members are not ours to delete.
-- Returns 0 if another one is the checker, 1 if nothing changed, 2 if the list was written and the
-- channel told, -1 if a fleet of the other layout lives on the key.
local unit = tonumber(ARGV[1])
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * unit + tonumber(time[2]) * unit / 1000000
local oldest = now - tonumber(ARGV[2])
local other = 1000 / unit

if redis.call('ZCOUNT', KEYS[1], (seconds - 60) * other, (seconds + 60) * other) > 0 then
  return -1
end

local checker = redis.call('GET', KEYS[3])
if not checker then
  redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
elseif checker ~= ARGV[4] then
  return 0
end

local live = redis.call('ZRANGEBYSCORE', KEYS[1], oldest, now)
table.sort(live)
local list = table.concat(live, ',')
local stored = redis.call('GET', KEYS[2])
if not stored and unit == 1 then
  stored = ''
end
if stored == list then
  return 1
end

redis.call('SET', KEYS[2], list)
redis.call('PUBLISH', ARGV[3], 'check')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(1e8')
redis.call('ZREMRANGEBYSCORE', KEYS[1], 1e8 * unit, oldest - 1)
return 2

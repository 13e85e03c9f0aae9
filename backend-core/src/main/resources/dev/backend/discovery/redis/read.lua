-- gobase-v1, read: what a reader sees of the registry.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat in milliseconds of this server's clock
-- ARGV[1]  expiry in milliseconds
-- ARGV[2]  the most members to return
--
-- Returns { number of live members, number of live gobase-v2 members, member, member, ... },
-- the member with the newest heartbeat first. Live: score within [now - expiry, now], both ends
-- included. Time keeps its fraction, or a member of this very millisecond would be missed.
-- A gobase-v2 fleet writes seconds instead: those scores lie around the clock's seconds.
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * 1000 + tonumber(time[2]) / 1000
local oldest = now - tonumber(ARGV[1])

local answer = {
  redis.call('ZCOUNT', KEYS[1], oldest, now),
  redis.call('ZCOUNT', KEYS[1], seconds - 60, seconds + 60)
}
local members = redis.call('ZREVRANGEBYSCORE', KEYS[1], now, oldest, 'LIMIT', 0, ARGV[2])
for i = 1, #members do
  answer[i + 2] = members[i]
end
return answer

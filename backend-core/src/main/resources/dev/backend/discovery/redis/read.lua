-- read: what a reader sees of the registry.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat by this server's clock
-- ARGV[1]  the units of a score in a second, of which it has fractions: 1000 in gobase-v1, 1 in
--          gobase-v2
-- ARGV[2]  expiry in these units
-- ARGV[3]  the most members to return
-- ARGV[4]  the most bytes of a member; a longer one is not returned
-- ARGV[5]  the most bytes of all members that are returned
-- ARGV[6]  how long ago, in units of a score, a writer has looked for expired members; -1: never
--
-- Returns { number of live members, number of live members of the other layout, number of live
-- members with a recent heartbeat, number of members that were too long, the beginning of one of
-- these, number of live members that follow, member, member, ... }, the member with the newest
-- heartbeat first.
--
-- Live: score within [now - expiry, now], both ends included. Time keeps its fraction, or a member of
-- this very moment would be missed. The other layout's scores are another power of ten: they lie
-- around the clock in its units.
--
-- Behind the live members stand those whose expiry proves nothing: since they should have sent a
-- heartbeat, half the expiry after their last one, nobody else has sent one either, and no writer has
-- looked for expired members since they expired. Redis may refuse writes.
local unit = tonumber(ARGV[1])
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * unit + tonumber(time[2]) * unit / 1000000
local expiry = tonumber(ARGV[2])
local oldest = now - expiry
local other = 1000 / unit
local longest = tonumber(ARGV[4])
local room = tonumber(ARGV[5])
local looked = tonumber(ARGV[6])

local from = oldest
if redis.call('ZCOUNT', KEYS[1], now - expiry / 2, now) == 0 then
  local newest = redis.call('ZREVRANGEBYSCORE', KEYS[1], now, 1e8 * unit, 'WITHSCORES', 'LIMIT', 0, 1)[2]
  local proven = newest and tonumber(newest) - expiry / 2 or oldest
  if looked >= 0 then
    proven = math.max(proven, now - looked - expiry)
  end
  from = math.min(oldest, proven)
end

local live = redis.call('ZCOUNT', KEYS[1], oldest, now)
local answer = {
  live,
  redis.call('ZCOUNT', KEYS[1], (seconds - 60) * other, (seconds + 60) * other),
  redis.call('ZCOUNT', KEYS[1], now - expiry * 9 / 16, now),
  0,
  '',
  0
}
local members = redis.call('ZREVRANGEBYSCORE', KEYS[1], now, from, 'LIMIT', 0, ARGV[3])
for i = 1, #members do
  local member = members[i]
  if #member > longest then
    if i <= live then
      answer[4] = answer[4] + 1
      answer[5] = string.sub(member, 1, 100)
    end
  elseif #member <= room then
    room = room - #member
    answer[#answer + 1] = member
    if i <= live then
      answer[6] = answer[6] + 1
    end
  else
    break
  end
end
return answer

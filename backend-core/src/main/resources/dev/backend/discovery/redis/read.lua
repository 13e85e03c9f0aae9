-- read: what a reader sees of the registry.
--
-- KEYS[1]  the registry: a sorted set, score = last heartbeat by this server's clock
-- ARGV[1]  the units of a score in a second, of which it has fractions: 1000 in gobase-v1, 1 in
--          gobase-v2
-- ARGV[2]  expiry in these units
-- ARGV[3]  the most members to return
-- ARGV[4]  the most bytes of a member; a longer one is not returned
-- ARGV[5]  the most bytes of all members that are returned
--
-- Returns { number of live members, number of live members of the other layout, number of those that
-- were too long, the beginning of one of these, member, member, ... }, the member with the newest
-- heartbeat first. Live: score within [now - expiry, now], both ends included. Time keeps its
-- fraction, or a member of this very moment would be missed. The other layout's scores are another
-- power of ten: they lie around the clock in its units.
local unit = tonumber(ARGV[1])
local time = redis.call('TIME')
local seconds = tonumber(time[1])
local now = seconds * unit + tonumber(time[2]) * unit / 1000000
local oldest = now - tonumber(ARGV[2])
local other = 1000 / unit
local longest = tonumber(ARGV[4])
local room = tonumber(ARGV[5])

local answer = {
  redis.call('ZCOUNT', KEYS[1], oldest, now),
  redis.call('ZCOUNT', KEYS[1], (seconds - 60) * other, (seconds + 60) * other),
  0,
  ''
}
local members = redis.call('ZREVRANGEBYSCORE', KEYS[1], now, oldest, 'LIMIT', 0, ARGV[3])
for i = 1, #members do
  local member = members[i]
  if #member > longest then
    answer[3] = answer[3] + 1
    answer[4] = string.sub(member, 1, 100)
  elseif #member <= room then
    room = room - #member
    answer[#answer + 1] = member
  else
    break
  end
end
return answer

#!/usr/bin/lua5.4
-- Tables, closures, coroutines, strings, files and processes.
local function permutations(list, n)
    n = n or #list
    if n <= 1 then
        coroutine.yield(list)
    else
        for i = 1, n do
            list[n], list[i] = list[i], list[n]
            permutations(list, n - 1)
            list[n], list[i] = list[i], list[n]
        end
    end
end
local count = 0
for p in coroutine.wrap(function() permutations({ "a", "b", "c", "d" }) end) do
    count = count + 1
    if count <= 3 then print(table.concat(p)) end
end
print("permutations", count)
local Account = {}
Account.__index = Account
function Account.new(balance) return setmetatable({ balance = balance }, Account) end
function Account:withdraw(sum)
    if sum > self.balance then error("insufficient funds", 0) end
    self.balance = self.balance - sum
end
local account = Account.new(100)
account:withdraw(30)
print(account.balance, pcall(account.withdraw, account, 100))
local words = {}
for word in ("the cat sat on the mat the end"):gmatch("%a+") do words[word] = (words[word] or 0) + 1 end
local keys = {}
for word in pairs(words) do keys[#keys + 1] = word end
table.sort(keys, function(a, b) return words[a] > words[b] or words[a] == words[b] and a < b end)
for _, word in ipairs(keys) do io.write(word, "=", words[word], " ") end
print()
local big = {}
for i = 1, 300000 do big[i] = i end
local sum = 0
for _, v in ipairs(big) do sum = sum + v end
print(#big, sum, math.maxinteger, 7 // 2, 7 % -3, 2 ^ 0.5)
big = nil
collectgarbage()
print(collectgarbage("count") < 1000)
print(string.format("%5.2f|%-6s|%x|%q", math.pi, "ab", 255, "a\nb"), ("abc"):rep(3, "-"), ("x"):byte())
print(string.pack("<i4", 1 << 20):byte(1, -1))
local file = assert(io.open("lua.txt", "w"))
for i = 1, 1000 do file:write(i, "\n") end
file:close()
local lines = 0
for line in io.lines("lua.txt") do lines = lines + tonumber(line) end
print(lines)
local handle = io.open("lua.txt", "r+")
handle:seek("end", -5)
print(handle:read("a"))
handle:close()
print(os.rename("lua.txt", "moved.txt"), io.open("lua.txt"))
print(os.remove("moved.txt"), select(2, os.remove("moved.txt")))
local pipe = io.popen("echo from a child; exit 3")
print(pipe:read("a"), pipe:close())
print(os.execute("exit 4"))
print(os.getenv("HOME"), os.time({ year = 2000, month = 1, day = 1, hour = 0 }) > 0, os.clock() >= 0)
goto finish
print("not reached")
::finish::
print(utf8.char(228, 8364, 128077), #"ä", utf8.len("äöü"))
print(load("return 1 + ...")(41), xpcall(error, function(m) return "handled " .. m end, "it"))
os.exit(6)

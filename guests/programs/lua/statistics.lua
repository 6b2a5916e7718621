-- Reads a list of numbers from standard input and prints their statistics, as a CGI program does.

local function read_list(text)
  local inside = text:match("^%s*%[(.*)%]%s*$")
  local numbers = {}
  for word in (inside or ""):gmatch("[^,]+") do
    numbers[#numbers + 1] = assert(tonumber(word), "not a number: " .. word)
  end
  assert(#numbers > 0, "expected a list of at least one number")
  return numbers
end

local ok, numbers = pcall(read_list, io.read("a"))
if not ok then
  io.write("Status: 400 Bad Request\nContent-Type: text/plain\n\n", numbers, "\n")
  return
end
local sum, squares = 0, 0
for _, number in ipairs(numbers) do sum = sum + number end
local mean = sum / #numbers
for _, number in ipairs(numbers) do squares = squares + (number - mean) ^ 2 end
local answer = '{"count":%d,"mean":%.17g,"deviation":%.17g}\n'
io.write("Content-Type: application/json\n\n", answer:format(#numbers, mean, math.sqrt(squares / #numbers)))

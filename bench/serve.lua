-- What wrk asks for: KIND is search (a caption of the list each time, another one from request to
-- request), thumbnail, list or page; PHOTOS the number of ids; CAPTIONS a file with one query a line; TOKEN
-- the server's.
local kind, photos = os.getenv("KIND"), tonumber(os.getenv("PHOTOS"))
local captions = {}

function init()
    math.randomseed(os.time())
    if kind ~= "search" then return end
    for line in io.lines(os.getenv("CAPTIONS")) do
        captions[#captions + 1] = line:gsub("[^%w]", function(c) return string.format("%%%02X", c:byte()) end)
    end
end

local paths = {
    search = function() return "/api/v1/search?limit=60&q=" .. captions[math.random(#captions)] end,
    thumbnail = function() return "/api/v1/photos/" .. math.random(photos) .. "/thumbnail" end,
    list = function() return "/api/v1/photos?limit=100&month=" .. string.format("%04d-%02d", math.random(2012, 2023), math.random(12)) end,
    page = function() return "/" end,
}

local headers = { Authorization = "Bearer " .. os.getenv("TOKEN") }

function request() return wrk.format("GET", paths[kind](), headers) end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("  %-10s %8.0f requests/s   median %7.2f ms   p99 %7.2f ms   worst %7.1f ms   failed %d\n",
        kind, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        latency.max / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end

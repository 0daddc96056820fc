local lfs = require("lfs")
local json = require("dkjson")
local list = require("pl.List")
require("busted")

print(lfs.currentdir(), json.encode({ 1 }), list({ 1, 2 }):len())

-- Test mode: runs busted over the files of tests.
--   lua test.lua ENTRY FILE... -- [busted's own arguments]
-- Files of tests are those busted itself takes, *_spec.lua; without one, the entry file.

local entry, tests, own, divided = arg[1], {}, {}, false
for index = 2, #arg do
  local word = arg[index]
  if divided then
    own[#own + 1] = word
  elseif word == "--" then
    divided = true
  elseif word:match("_spec%.lua$") then
    tests[#tests + 1] = word
  end
end
if #tests == 0 then
  tests[1] = entry
end

arg = { [0] = "busted", "--output=/opt/bugghost/report.lua", "-Xoutput", "/tmp/bugghost-tests.xml" }
for _, words in ipairs({ own, tests }) do
  for _, word in ipairs(words) do
    arg[#arg + 1] = word
  end
end
require("busted.runner")({ standalone = false })

-- Splits a text at every separator.
local function split(text, separator)
  local parts = {}
  for part in text:gmatch("[^" .. separator .. "]+") do
    parts[#parts + 1] = part
  end
  return parts
end

describe("split", function()
  it("takes a text apart at its commas", function()
    assert.are.same({ "a", "b", "c" }, split("a,b,c", ","))
  end)

  it("gives a text without any back whole", function()
    assert.are.same({ "abc" }, split("abc", ","))
  end)

  it("keeps what is empty between two commas", function()
    assert.are.same({ "a", "", "c" }, split("a,,c", ","))
  end)

  pending("has a limit")
end)

-- Two guests have cancelled. Who is still coming, and why does the list go on after them?

local guests = { "Ada", "Grace", "cancelled", "cancelled", "Linus" }

for index, name in ipairs(guests) do
  if name == "cancelled" then
    table.remove(guests, index)
  end
end

for seat, name in ipairs(guests) do
  print(("seat %d: %s"):format(seat, name))
end

assert(#guests == 3, "three guests are coming, but " .. #guests .. " seats are laid")

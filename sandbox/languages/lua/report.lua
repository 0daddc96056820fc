-- What busted says to people, and beside it JUnit's XML in the file that -Xoutput names.

return function(options)
  local outputs = {
    require("busted.outputHandlers.plainTerminal")(options),
    require("busted.outputHandlers.junit")(options),
  }
  return {
    subscribe = function(_, subscribed)
      for _, output in ipairs(outputs) do
        output:subscribe(subscribed)
      end
    end,
  }
end

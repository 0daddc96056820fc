require "minitest"
require "rake"

puts Minitest::VERSION, Rake::VERSION

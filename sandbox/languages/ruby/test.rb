# Test mode: loads the files of tests, then minitest runs what they define.
#   ruby test.rb ENTRY FILE... -- [minitest's own arguments]
# Files of tests are those that minitest's own tasks take: test_*.rb, *_test.rb, *_spec.rb. Without one, the entry file is it.

divide = ARGV.index("--") || ARGV.size
entry, *files = ARGV[0...divide]
ARGV.replace(ARGV[divide + 1..] || [])

require "minitest/autorun"
require "/opt/bugghost/junit_report.rb"
Minitest.extensions << "bugghost_junit"

tests = files.select { |path| File.basename(path).match?(/\Atest_.*\.rb\z|_(test|spec)\.rb\z/) }
tests = [entry] if tests.empty?
$LOAD_PATH.unshift(*["lib", "test", "spec", "."].map { |folder| File.expand_path(folder) }.select { |folder| File.directory?(folder) })
tests.each { |path| require File.expand_path(path) }

# A reporter for minitest that writes JUnit's XML beside what minitest prints.

require "cgi/escape"

module Minitest
  def self.plugin_bugghost_junit_init(_options)
    reporter << BugGhostJUnit.new
  end

  class BugGhostJUnit < AbstractReporter
    PATH = "/tmp/bugghost-tests.xml"

    def start
      @results = []
    end

    def record(result)
      @results << result
    end

    def report
      cases = @results.map { |result| testcase(result) }
      File.write(PATH, <<~XML)
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites><testsuite name="minitest" tests="#{@results.size}" failures="#{@results.count { |result| verdict(result) == "failure" }}" errors="#{@results.count(&:error?)}" skipped="#{@results.count(&:skipped?)}">
        #{cases.join("\n")}
        </testsuite></testsuites>
      XML
    end

    private

    def testcase(result)
      file, line = result.source_location
      attributes = { classname: result.klass, name: result.name, time: format("%.6f", result.time), file: relative(file), line: line }
      "<testcase#{written(attributes)}>#{outcome(result)}</testcase>"
    end

    def outcome(result)
      kind = verdict(result)
      return "" unless kind
      failure = result.failures.first
      # Of an error this is the exception's own message; minitest's would repeat class and backtrace.
      cause = failure.respond_to?(:error) ? failure.error : failure
      "<#{kind}#{written(type: cause.class.name, message: cause.message)}>#{escaped("#{cause.message}\n#{failure.location}")}</#{kind}>"
    end

    def verdict(result)
      return if result.passed?
      return "skipped" if result.skipped?
      result.error? ? "error" : "failure"
    end

    def relative(file)
      file.delete_prefix("/workspace/")
    end

    def written(attributes)
      attributes.map { |name, value| " #{name}=\"#{escaped(value.to_s).gsub("\n", "&#10;")}\"" }.join
    end

    # XML has no way to write most control characters.
    def escaped(text)
      CGI.escapeHTML(text.encode("UTF-8", invalid: :replace, undef: :replace).scrub.gsub(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/, "\uFFFD"))
    end
  end
end

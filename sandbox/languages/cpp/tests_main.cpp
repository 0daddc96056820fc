// main() of test mode: doctest prints for people, and the same results go into a report.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace {

// Lives as long as the program: a test that crashes is reported from a signal handler.
std::ostringstream &written() {
  static std::ostringstream text;
  return text;
}

const doctest::ContextOptions &into_the_report(const doctest::ContextOptions &options) {
  static doctest::ContextOptions changed = options;
  changed.cout = &written();
  return changed;
}

std::string as_attribute(const char *text) {
  std::string safe;
  for (; *text; text++) {
    switch (*text) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += *text;
    }
  }
  return safe;
}

struct Report : doctest::JUnitReporter {
  std::string skipped;

  explicit Report(const doctest::ContextOptions &options) : JUnitReporter(into_the_report(options)) {}

  // doctest's own report leaves them out.
  void test_case_skipped(const doctest::TestCaseData &test) override {
    if (test.m_skip)
      skipped += "<testcase classname=\"" + as_attribute(test.m_file.c_str()) + "\" name=\"" + as_attribute(test.m_name) + "\"><skipped/></testcase>\n";
  }

  // Also called for a test that crashes, and a crash leaves without destructors.
  void test_run_end(const doctest::TestRunStats &stats) override {
    JUnitReporter::test_run_end(stats);
    std::string report = written().str();
    auto end = report.rfind("</testsuite>");
    if (end != std::string::npos) report.insert(end, skipped);
    std::ofstream("/tmp/report.xml") << report;
  }
};

}

REGISTER_LISTENER("report", 1, Report);

// main() of test mode: doctest prints for people, and the same results go into a report.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <fstream>

namespace {

// Lives as long as the program: a test that crashes is reported from a signal handler.
std::ofstream &report() {
  static std::ofstream file("/tmp/report.xml");
  return file;
}

const doctest::ContextOptions &into_the_report(const doctest::ContextOptions &options) {
  static doctest::ContextOptions changed = options;
  changed.cout = &report();
  return changed;
}

struct Report : doctest::JUnitReporter {
  explicit Report(const doctest::ContextOptions &options) : JUnitReporter(into_the_report(options)) {}
  void test_run_end(const doctest::TestRunStats &stats) override {
    JUnitReporter::test_run_end(stats);
    // A crash leaves without destructors.
    report().flush();
  }
};

}

REGISTER_LISTENER("report", 1, Report);

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

// "2h05" in minutes.
int minutes(const std::string &duration) {
  auto at = duration.find('h');
  if (at == std::string::npos) throw std::invalid_argument("no hours in \"" + duration + "\"");
  return std::stoi(duration.substr(0, at)) * 60 + std::stoi(duration.substr(at + 1));
}

TEST_CASE("hours and minutes add up") {
  CHECK(minutes("2h05") == 125);
  CHECK(minutes("0h59") == 59);
}

TEST_CASE("what is no duration is refused") {
  CHECK_THROWS_AS(minutes("soon"), std::invalid_argument);
}

TEST_CASE("full hours need no minutes") {
  CHECK(minutes("3h") == 180);
}

TEST_CASE("days" * doctest::skip()) {
  CHECK(minutes("1d") == 1440);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static int is_leap_year(int year) {
  return year % 4 == 0 && year % 100 != 0;
}

static void every_fourth_year_is_one(void **state) {
  (void)state;
  assert_true(is_leap_year(2024));
  assert_false(is_leap_year(2023));
}

static void the_turn_of_a_century_is_none(void **state) {
  (void)state;
  assert_false(is_leap_year(1900));
}

static void every_fourth_century_is_one_after_all(void **state) {
  (void)state;
  assert_int_equal(is_leap_year(2000), 1);
}

static void before_1582_nobody_has_said(void **state) {
  (void)state;
  skip();
}

int main(void) {
  const struct CMUnitTest leap_years[] = {
    cmocka_unit_test(every_fourth_year_is_one),
    cmocka_unit_test(the_turn_of_a_century_is_none),
    cmocka_unit_test(every_fourth_century_is_one_after_all),
    cmocka_unit_test(before_1582_nobody_has_said),
  };
  return cmocka_run_group_tests(leap_years, NULL, NULL);
}

#include <stdio.h>
#include <stdlib.h>

struct account {
  const char *owner;
  int cents;
};

static int by_balance(const void *a, const void *b) {
  const struct account *left = a, *right = b;
  return left->cents - right->cents;
}

int main(void) {
  struct account accounts[] = {
    {"Ada", 1250}, {"Grace", -300}, {"Linus", 99}, {"The treasury", 2000000000}, {"The debtor", -1500000000},
  };
  int count = sizeof accounts / sizeof *accounts;

  qsort(accounts, count, sizeof *accounts, by_balance);
  for (int i = 0; i < count; i++) printf("%14.2f  %s\n", accounts[i].cents / 100.0, accounts[i].owner);
  fflush(stdout);

  // The poorest first, the richest last. Everybody in the middle is fine: what is wrong with those two?
  for (int i = 1; i < count; i++) {
    if (accounts[i].cents >= accounts[i - 1].cents) continue;
    fprintf(stderr, "%s is poorer than %s and comes later.\n", accounts[i].owner, accounts[i - 1].owner);
    return 1;
  }
}

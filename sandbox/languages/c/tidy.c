#include <stdio.h>
struct pair {
  const char *name;
  int count;
};
static int twice(struct pair *p) { return p->count * 2; }
int main(void) {
  struct pair p = {"größe", 2};
  for (int i = 0; i < p.count; i++) {
    if (i)
      printf("%s %d\n", p.name, twice(&p));
    else
      puts("first");
  }
  return 0;
}

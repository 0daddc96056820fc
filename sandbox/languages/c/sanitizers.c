// Linked into programs with the address sanitizer: it looks for leaks by tracing the program, and no sandbox lets anything be traced.
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

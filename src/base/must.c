#include "base/attr.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void must_failed(const char *cond, const char *file, int line)
{
    void *frames[32];
    fprintf(stderr, "ERROR must(%s) failed at %s:%d\n", cond, file, line);
    int n = backtrace(frames, 32);
    backtrace_symbols_fd(frames, n, STDERR_FILENO);
    abort();
}

#include "fuzz_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    fuzz_reader("jsonl", data, n);
    return 0;
}

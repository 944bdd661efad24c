/* What the targets of the readers share. */
#pragma once

#include "channel/import/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Reads the bytes as `format` twice, whole and in small chunks, checks every promise of reader.h
 * and that both gave the same events. The first byte chooses options. */
void fuzz_reader(const char *format, const uint8_t *data, size_t n);

/* A run's options on their way through its row, and into the reader. Private. */
#pragma once

#include "channel/import/reader.h"
#include "channel/intake/intake.h"

Str options_json(Arena *a, const IntakeOpts *o);
void options_parse(Arena *a, Str json, IntakeOpts *ret); /* our own JSON: must() on anything else */
/* ERR_INVALID with the field; *ret_zone is the caller's to free (NULL when none was asked for). */
Err options_reader(Arena *a, const IntakeOpts *o, ErrInfo *info, ReaderOpts *ret, Zone **ret_zone);

void intake_cancel_running(int64_t id); /* runner.c */

/* What backup.c and restore.c need of files. */
#pragma once

#include "base/err.h"

/* The error behind errno, told with what was done to which file. */
Err file_error(ErrInfo *info, const char *verb, const char *path);
/* "a/b" → "a", "b" → ".", "/b" → "/" */
void folder_of(const char *path, char *ret, size_t size);
/* The rename or creation of a name survives a power cut only after its folder is on the disk. */
Err folder_sync(const char *path_inside, ErrInfo *info);
Err file_sync(const char *path, ErrInfo *info);
/* 20260711T101500Z */
void compact_time(int64_t us, char ret[24]);

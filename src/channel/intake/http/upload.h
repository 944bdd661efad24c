/* Files that wait for an import. */
#pragma once

#include "http/http.h"

/* Where they lie; set once before the server starts, lives for ever. */
void intake_upload_dir(const char *path);

/* The format a file seems to have, p NULL when none fits. errors: ERR_MEDIA_TYPE, ERR_INVALID,
 * ERR_IO */
Err intake_sniff(Ctx *cx, const char *path, Str filename, Str *ret_format);

extern const Route upload_routes[];

/* Files that wait for an import. */
#pragma once

#include "http/http.h"

/* Where they lie; set once before the server starts, lives for ever. */
void intake_upload_dir(const char *path);

extern const Route upload_routes[];

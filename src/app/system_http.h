/* Routes of the program itself: live updates, backups, the spaces a command may name. */
#pragma once

#include "http/http.h"

extern const Route system_routes[];

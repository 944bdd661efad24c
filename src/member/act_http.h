/* Acts recorded by hand or by a program. */
#pragma once

#include "http/http.h"

extern const Route act_routes[];

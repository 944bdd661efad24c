/* Routes of the audit log. */
#pragma once

#include "http/http.h"

extern const Route audit_routes[];

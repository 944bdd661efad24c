/* cmocka for tests beside the code; its fail() gives way to ours. Include it before other headers.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail

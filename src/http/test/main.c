#include "base/log.h"
#include "http/test/tests.h"

int main(void)
{
    log_level(LOG_ERROR + 1); /* refusals are what is tested */
    return fields_tests() + tables_tests() + http_tests() + body_tests() + stream_tests() +
           tls_tests();
}

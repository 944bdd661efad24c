#include "identity/tests/tests.h"

int main(void)
{
    return guard_tests() + session_tests() + staff_tests() + access_tests() + http_tests();
}

#include "insight/tests/tests.h"

int main(void)
{
    return run_measure() + run_findings() + run_render() + run_property() + run_golden();
}

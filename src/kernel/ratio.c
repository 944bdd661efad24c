#include "kernel/ratio.h"

int64_t ratio_bp(int64_t num, int64_t den)
{
    if (den == 0) return NA_BP;
    must(num >= 0 && den > 0);
    return (int64_t)(((__int128)num * 20000 + den) / ((__int128)den * 2));
}

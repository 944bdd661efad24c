#include "channel/intake/align.h"

/* Knuth–Morris–Pratt: run `earlier` through the automaton of `later`; the state at its end is the
 * longest prefix of `later` that is a suffix of `earlier`. */
size_t align_overlap(const int64_t *earlier, size_t n_earlier, const int64_t *later, size_t n_later,
                     size_t *scratch)
{
    if (n_earlier == 0 || n_later == 0) return 0;
    size_t k = 0;
    scratch[0] = 0;
    for (size_t i = 1; i < n_later; i++) {
        while (k && later[k] != later[i])
            k = scratch[k - 1];
        if (later[k] == later[i]) k++;
        scratch[i] = k;
    }
    k = 0;
    size_t from = n_earlier > n_later ? n_earlier - n_later : 0;
    for (size_t i = from; i < n_earlier; i++) {
        while (k && later[k] != earlier[i])
            k = scratch[k - 1];
        if (later[k] == earlier[i]) k++;
        if (k == n_later && i + 1 < n_earlier) k = scratch[k - 1];
    }
    return k;
}

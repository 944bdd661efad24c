#include "kernel/id.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/rand.h"

static const int64_t epoch_ms = INT64_C(1704067200000); /* 2024-01-01 */

static _Atomic int node_number = -1;
static _Atomic int64_t last_tick; /* ms << 12 | counter */

void id_node(int node)
{
    must(node >= 0 && node < 1024);
    atomic_store(&node_number, node);
}

static int64_t node_bits(void)
{
    int node = atomic_load(&node_number);
    if (node >= 0) return node;
    uint16_t r;
    rand_bytes(&r, sizeof r);
    int expected = -1;
    atomic_compare_exchange_strong(&node_number, &expected, r & 1023);
    return atomic_load(&node_number);
}

int64_t id_new(int64_t now_us)
{
    int64_t ms = now_us / 1000 - epoch_ms;
    if (ms < 1) ms = 1;
    int64_t last = atomic_load(&last_tick), tick;
    do {
        tick = ms << 12;
        if (tick <= last) tick = last + 1;
    } while (!atomic_compare_exchange_weak(&last_tick, &last, tick));
    return ((tick >> 12) << 22) | (node_bits() << 12) | (tick & 4095);
}

bool id_parse(Str s, int64_t *ret)
{
    int64_t v;
    if (!str_to_i64(s, &v) || v <= 0 || s.p[0] == '0') return false;
    *ret = v;
    return true;
}

Str ids_json(Arena *a, const int64_t *v, size_t n)
{
    Buf out;
    buf_init(&out, a, 2 + 20 * n);
    buf_char(&out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i) buf_char(&out, ',');
        buf_i64(&out, v[i]);
    }
    buf_char(&out, ']');
    return buf_view(&out);
}

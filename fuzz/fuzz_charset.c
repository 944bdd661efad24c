/* Any bytes as any charset and as gzip: lines come out well-formed, and the same in any chunks. */
#include "fuzz_support.h"

#include "base/map.h"
#include "channel/import/source/source.h"

static uint64_t digest(Str bytes, size_t chunk, Charset forced)
{
    Source *s = source_new_memory(bytes, chunk);
    source_force_charset(s, forced);
    uint64_t d = 0;
    Str line;
    bool is_long;
    while (source_line(s, &line, &is_long)) {
        must(line.n <= READER_LINE_MAX_BYTES && (line.n == 0 || utf8_valid(line)));
        d = d * 31 + hash_bytes(line) + source_repaired(s);
    }
    ErrInfo info = {0};
    Err e = source_status(s, &info);
    must(e == OK || (e == ERR_MEDIA_TYPE && info.detail[0]));
    must(source_consumed(s) <= (int64_t)bytes.n);
    must(source_rewind(s));
    source_free(s);
    return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0) return 0;
    Charset forced = (Charset)(data[0] % CHARSET_COUNT);
    Str bytes = {(const char *)data + 1, n - 1};
    must(digest(bytes, 0, forced) == digest(bytes, 1 + data[0] / 16, forced));
    return 0;
}

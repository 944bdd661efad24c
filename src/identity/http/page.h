/* Lists paged by id: the query they share. */
#pragma once

#include "http/http.h"

typedef struct Page {
    int64_t after;
    int limit;
} Page;

extern const FieldTable page_query;

Err page_read(Req *rq, Page *ret);
Str page_next(Req *rq, const Page *page, size_t n, int64_t last_id);
#define PAGE_NEXT(rq, page, rows, n) page_next((rq), (page), (n), (n) ? (rows)[(n)-1].id : 0)

/* What the parts of the HTML page share. Private to this folder. */
#pragma once

#include "insight/render/render.h"
#include "insight/words.h"

typedef struct Page {
    const Report *r;
    Lang lang;
    Buf *b;
    Zone *zone;
} Page;

extern const char page_style[]; /* contents of the page's one <style> */

void put_esc(Buf *b, Str s);                        /* & < > " ' */
void put_name(const Page *p, Str name, size_t max); /* made plain, escaped, isolated in direction */
static inline const char *say(const Page *p, const char *zh, const char *en)
{
    return zh_en(p->lang, zh, en);
}

/* Each chart twice: for a desk (700 units wide) and for a phone (360), one of them shown. */
void chart_daily(const Page *p);
void chart_heat(const Page *p);
void chart_weeks(const Page *p);
void chart_coverage(const Page *p);
void table_cohorts(const Page *p);
void chart_retention(const Page *p);

/* One Report, four renderings with the same numbers. All append to `out` and take scratch memory
 * from its arena; none reads a clock or a locale. Names were written by strangers: every rendering
 * makes them harmless in its own medium (markup, formulas, terminal controls, direction marks). */
#pragma once

#include "insight/report.h"

/* {"group":…, "as_of":…, "coverage":…, "people":…, "metrics":{…}, "findings":[…], "series":{…}}:
 * integers as they are, NA as null with its reason, ids as strings, instants RFC 3339 UTC. */
void report_json(const Report *r, Buf *out);

/* Plain text, at most 80 columns, CJK characters counted as two. */
void report_text(const Report *r, Lang lang, Buf *out);

/* One row per metric; UTF-8 with a mark, CRLF, every cell quoted. Cells that a spreadsheet would
 * take for a formula begin with an apostrophe. */
void report_csv(const Report *r, Lang lang, Buf *out);

/* A page in one file: no script, no outside address, charts as SVG, light and dark, fit for print.
 * Every metric's number stands in <data value="…" data-m="KEY">. */
void report_html(const Report *r, Lang lang, Buf *out);
/* The Content-Security-Policy the page carries itself and is to be served with. */
void report_html_policy(Buf *out);

/* {"as_of":…, "n_groups":…, …, "groups":[…]} */
void portfolio_json(const Portfolio *p, const GroupSummary *g, size_t n, int64_t as_of_us,
                    Buf *out);
/* {"items":[{"id","unit","name_zh",…}]}: the definitions. */
void metrics_json(Buf *out);

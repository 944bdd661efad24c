/* Axes of the charts over time. Coordinates are tenths of a unit, so that all arithmetic stays in
 * integers. Private to this folder. */
#pragma once

#include "insight/render/page.h"

typedef struct Plot {
    const Page *p;
    int width, height, left, right, top, bottom; /* units */
    int64_t n, max;
} Plot;

void put_tenths(Buf *b, int64_t v);                      /* 123 → 12.3 */
int64_t plot_x(const Plot *t, int64_t twice_i);          /* 2·i is the left edge of slot i */
int64_t plot_y(const Plot *t, int64_t v, int64_t scale); /* of v/scale on the axis */
/* Where an axis that must hold v ends: an even 1, 2, 4, 5, 8 or 10 times a power of ten. */
int64_t plot_nice(int64_t v);
void plot_open(const Plot *t, const char *label); /* the svg element; the caller closes it */
void plot_grid(const Plot *t);                    /* base line, half and full */
void plot_date(const Plot *t, int64_t i, int32_t day, bool with_year); /* under slot i */

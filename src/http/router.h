/* Routes compiled into a tree of path segments. Private to this room; read-only once built, so that
 * every thread may ask. */
#pragma once

#include "http/http.h"

typedef struct Router Router;

/* A route and its place in the joined tables: the index of its numbers in /metrics. */
typedef struct RouteRef {
    const Route *route;
    int index;
} RouteRef;

typedef struct RouteMatch {
    const RouteRef *by_method; /* METHOD_COUNT of them, route NULL where the method is not there */
    int64_t id, id2;           /* decimal parameters in order */
    Str path_text;             /* the :code parameter; points into the path */
} RouteMatch;

/* The server's own: health, numbers, the description. */
extern const Route builtin_routes[];
/* The program's tables and the server's own behind them. */
const Route *const *router_tables(Arena *a, const Route *const *program);

/* Joins the tables. must() fails on two routes of one method and path, a missing doc, tag or
 * handler, more than two parameters, and flags that contradict each other: these are our own bugs.
 */
Router *router_new(const Route *const *tables);
Router *router_free(Router *r); /* takes NULL */
int router_n_routes(const Router *r);
const Route *router_route(const Router *r, int index);
/* Path without query, percent-decoded. false = 404. */
bool router_find(const Router *r, Str path, RouteMatch *ret);
/* "GET, HEAD, POST, OPTIONS" for Allow. */
Str router_allow(Arena *a, const RouteRef *by_method);
const char *method_name(Method m);
bool method_parse(const char *name, Method *ret); /* HEAD is M_GET */

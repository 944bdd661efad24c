/* DESIGN. A tree with one node per path segment; the children of a node are its literals (sorted,
 * so a binary search), at most one decimal and one text parameter. A literal wins over a decimal, a
 * decimal over a text; when the branch taken has no end, the next one is tried. Depth is bounded by
 * the deepest route, so a long path costs nothing. */
#include "http/router.h"

#include <stdlib.h>

typedef struct Node Node;
struct Node {
    Str name;
    Node **children; /* sorted by name */
    size_t n, cap;
    Node *decimal, *text;
    bool is_end;
    RouteRef by_method[METHOD_COUNT];
};

struct Router {
    Arena arena;
    Node root;
    const Route **routes;
    int n_routes, n_cap;
};

enum { SEGMENTS_MAX = 12, PARAM_TEXT_MAX = 64 };

static const char *const method_names[METHOD_COUNT] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

const char *method_name(Method m)
{
    must((unsigned)m < METHOD_COUNT);
    return method_names[m];
}

bool method_parse(const char *name, Method *ret)
{
    if (strcmp(name, "HEAD") == 0) {
        *ret = M_GET;
        return true;
    }
    for (int m = 0; m < METHOD_COUNT; m++) {
        if (strcmp(name, method_names[m]) != 0) continue;
        *ret = (Method)m;
        return true;
    }
    return false;
}

/* Index of the first child not before name. */
static size_t child_at(const Node *node, Str name)
{
    size_t lo = 0, hi = node->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (str_cmp(node->children[mid]->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static Node *literal(Arena *a, Node *node, Str name)
{
    size_t at = child_at(node, name);
    if (at < node->n && str_eq(node->children[at]->name, name)) return node->children[at];
    if (node->n == node->cap) {
        size_t cap = node->cap ? node->cap * 2 : 4;
        Node **grown = arena_array(a, Node *, cap);
        if (node->n) memcpy(grown, node->children, node->n * sizeof(Node *));
        node->children = grown;
        node->cap = cap;
    }
    memmove(node->children + at + 1, node->children + at, (node->n - at) * sizeof(Node *));
    Node *child = arena_new(a, Node);
    child->name = name;
    node->children[at] = child;
    node->n++;
    return child;
}

static Node *parameter(Arena *a, Node **slot)
{
    if (!*slot) *slot = arena_new(a, Node);
    return *slot;
}

static void check_route(const Route *r)
{
    must(r->path[0] == '/' && r->handler != NULL);
    must(r->doc && r->doc[0] && r->tag && r->tag[0]);
    must(r->lane != R_STREAM || r->method == M_GET);
    must(r->method != M_GET || (!r->body && r->lane != R_WRITE && r->lane != R_UPLOAD));
    must(r->resource <= RES_SELF || r->level != LEVEL_NONE || r->resource == RES_INSTALL);
    must(!r->prepare || r->lane == R_WRITE || r->lane == R_UPLOAD);
}

static void add_route(Router *r, const Route *route)
{
    check_route(route);
    Node *node = &r->root;
    int n_params = 0, n_segments = 0;
    Str rest = str_of(route->path + 1);
    while (rest.n) {
        Str segment = str_cut(&rest, '/');
        must(segment.n > 0 && ++n_segments <= SEGMENTS_MAX);
        if (segment.p[0] != ':') {
            node = literal(&r->arena, node, segment);
        } else {
            must(++n_params <= 2);
            node = parameter(&r->arena, str_is(segment, ":code") ? &node->text : &node->decimal);
        }
    }
    must(node->by_method[route->method].route == NULL); /* the same method and path twice */
    node->is_end = true;
    node->by_method[route->method] = (RouteRef){route, r->n_routes};
    must(r->n_routes < r->n_cap);
    r->routes[r->n_routes++] = route;
}

const Route *const *router_tables(Arena *a, const Route *const *program)
{
    size_t n = 0;
    while (program[n])
        n++;
    const Route **all = arena_array(a, const Route *, n + 2);
    memcpy(all, program, n * sizeof(Route *));
    all[n] = builtin_routes;
    return all;
}

Router *router_new(const Route *const *tables)
{
    Router *r = calloc(1, sizeof *r);
    must(r != NULL);
    arena_init(&r->arena, 0);
    for (const Route *const *t = tables; *t; t++)
        for (const Route *route = *t; route->path; route++)
            r->n_cap++;
    r->routes = arena_array(&r->arena, const Route *, (size_t)r->n_cap);
    for (const Route *const *t = tables; *t; t++)
        for (const Route *route = *t; route->path; route++)
            add_route(r, route);
    return r;
}

Router *router_free(Router *r)
{
    if (r) arena_done(&r->arena);
    free(r);
    return NULL;
}

int router_n_routes(const Router *r)
{
    return r->n_routes;
}

const Route *router_route(const Router *r, int index)
{
    must(index >= 0 && index < r->n_routes);
    return r->routes[index];
}

static bool is_param_text(Str s)
{
    if (s.n == 0 || s.n > PARAM_TEXT_MAX) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

/* rest: what follows the slash; more: whether there was one. */
static const Node *walk(const Node *node, Str rest, bool more, int depth, RouteMatch *ret)
{
    if (!more) return node->is_end ? node : NULL;
    if (depth == SEGMENTS_MAX) return NULL;
    const char *slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
    Str segment = {rest.p, slash ? (size_t)(slash - rest.p) : rest.n};
    Str after = slash ? (Str){slash + 1, rest.n - segment.n - 1} : (Str){0};
    const Node *found = NULL;

    size_t at = child_at(node, segment);
    if (at < node->n && str_eq(node->children[at]->name, segment))
        found = walk(node->children[at], after, slash != NULL, depth + 1, ret);
    int64_t id;
    if (!found && node->decimal && id_parse(segment, &id)) {
        RouteMatch saved = *ret;
        *(ret->id ? &ret->id2 : &ret->id) = id;
        found = walk(node->decimal, after, slash != NULL, depth + 1, ret);
        if (!found) *ret = saved;
    }
    if (!found && node->text && is_param_text(segment)) {
        ret->path_text = segment;
        found = walk(node->text, after, slash != NULL, depth + 1, ret);
    }
    return found;
}

bool router_find(const Router *r, Str path, RouteMatch *ret)
{
    *ret = (RouteMatch){0};
    if (path.n == 0 || path.p[0] != '/') return false;
    const Node *node = walk(&r->root, (Str){path.p + 1, path.n - 1}, path.n > 1, 0, ret);
    if (!node) return false;
    ret->by_method = node->by_method;
    return true;
}

Str router_allow(Arena *a, const RouteRef *by_method)
{
    Buf out;
    buf_init(&out, a, 48);
    for (int m = 0; m < METHOD_COUNT; m++) {
        if (!by_method[m].route) continue;
        buf_z(&out, method_names[m]);
        buf_z(&out, m == M_GET ? ", HEAD, " : ", ");
    }
    buf_z(&out, "OPTIONS");
    return buf_view(&out);
}

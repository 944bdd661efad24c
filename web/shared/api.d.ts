/* The HTTP contract. `npm run types` rewrites this file from a running server's /api/openapi.json. */

type Json<T> = { content: { 'application/json': T } }
type Problems = { default: { content: { 'application/problem+json': components['schemas']['Problem'] } } }
type Op<Res, Query = never, Path = never, Body = never, Status extends number = 200> = {
  parameters: {
    query?: [Query] extends [never] ? never : Query
    header?: { 'Idempotency-Key'?: string }
    cookie?: never
  } & ([Path] extends [never] ? { path?: never } : { path: Path })
  responses: { [s in Status]: [Res] extends [never] ? { content?: never } : Json<Res> } & Problems
} & ([Body] extends [never] ? { requestBody?: never } : { requestBody: Json<Body> })
type Get<Res, Query = never, Path = never> = Op<Res, Query, Path>
type Send<Res, Body = never, Path = never, Status extends number = 200> = Op<Res, never, Path, Body, Status>
type Drop<Path = never> = Op<never, never, Path, never, 204>
type Id = { id: string }
type Page = { limit?: number; cursor?: string }
type List<T> = { items: T[]; next_cursor?: string | null }
type S = components['schemas']

export interface paths {
  '/api/v1/session': { post: Send<S['Me'], { login: string; password: string }, never, 201>; delete: Drop }
  '/api/v1/sessions': { get: Get<List<S['Session']>>; delete: Drop }
  '/api/v1/session/space': { post: Send<S['Me'], { space_id: string }> }
  '/api/v1/me': { get: Get<S['Me']>; patch: Send<S['Me'], { name?: string; lang?: S['Lang'] }> }
  '/api/v1/me/password': { put: Send<S['Me'], { old_password: string; new_password: string }> }
  '/api/v1/spaces': { get: Get<List<S['Space']>>; post: Send<S['Space'], { name: string; zone: string; lang: S['Lang'] }, never, 201> }
  '/api/v1/spaces/{id}': {
    patch: Send<S['Space'], { name?: string; zone?: string; lang?: S['Lang']; setup_done?: boolean }, Id>
  }
  '/api/v1/zones': { get: Get<List<S['Zone']>> }
  '/api/v1/staff': { get: Get<List<S['Staff']>, Page>; post: Send<S['StaffMade'], S['StaffNew'], never, 201> }
  '/api/v1/staff/{id}': { patch: Send<S['Staff'], S['StaffPatch'], Id>; delete: Drop<Id> }
  '/api/v1/staff/{id}/password': { post: Send<{ one_time_password: string }, never, Id> }
  '/api/v1/roles': { get: Get<List<S['Role']>>; post: Send<S['Role'], S['RoleNew'], never, 201> }
  '/api/v1/roles/{code}': {
    patch: Send<S['Role'], { name?: string; grants?: Record<string, S['Level']> }, { code: string }>
    delete: Drop<{ code: string }>
  }
  '/api/v1/keys': {
    get: Get<List<S['Key']>, Page>
    post: Send<S['KeyMade'], { name: string; role: string; expires_at?: string }, never, 201>
  }
  '/api/v1/keys/{id}': { delete: Drop<Id> }
  '/api/v1/audit': { get: Get<List<S['AuditRow']>, Page & { actor?: string; action?: string }> }
  '/api/v1/audit/verify': { get: Get<S['AuditVerdict']> }
  '/api/v1/communities': { get: Get<List<S['Community']>, Page>; post: Send<S['Community'], S['CommunityNew'], never, 201> }
  '/api/v1/communities/{id}': {
    get: Get<S['Community'], never, Id>
    patch: Send<S['Community'], Partial<S['CommunityNew']> & { state?: S['OpenState'] }, Id>
  }
  '/api/v1/groups': {
    get: Get<List<S['Group']>, Page & { community?: string; state?: string; q?: string }>
    post: Send<S['Group'], S['GroupNew'], never, 201>
  }
  '/api/v1/groups/{id}': { get: Get<S['Group'], never, Id>; patch: Send<S['Group'], Partial<S['GroupNew']>, Id> }
  '/api/v1/groups/{id}/close': { post: Send<S['Group'], never, Id> }
  '/api/v1/groups/{id}/reopen': { post: Send<S['Group'], never, Id> }
  '/api/v1/groups/{id}/report': { get: Get<S['Report'], { as_of?: string; format?: string; lang?: string }, Id> }
  '/api/v1/groups/{id}/members/{id2}': {
    put: Send<unknown, { role: string; state: string }, { id: string; id2: string }>
  }
  '/api/v1/members': {
    get: Get<List<S['Member']>, Page & { group?: string; kind?: string; q?: string; state?: string }>
    post: Send<S['Member'], { name: string; kind?: S['Kind'] }, never, 201>
  }
  '/api/v1/members/{id}': { get: Get<S['Member'], never, Id>; patch: Send<S['Member'], S['MemberPatch'], Id> }
  '/api/v1/imports': { get: Get<List<S['Import']>, Page>; post: Send<S['Import'], S['ImportNew'], never, 202> }
  '/api/v1/imports/{id}': { get: Get<S['Import'], never, Id> }
  '/api/v1/imports/{id}/cancel': { post: Send<S['Import'], never, Id> }
  '/api/v1/insight/portfolio': { get: Get<S['Portfolio'], { as_of?: string }> }
  '/api/v1/metrics': { get: Get<{ items: S['MetricDef'][] }> }
}

export interface components {
  schemas: {
    Lang: 'zh' | 'en'
    Level: 'none' | 'read' | 'full'
    Kind: 'person' | 'staff' | 'bot' | 'alias'
    Source: 'automatic' | 'entered' | 'estimated'
    OpenState: 'active' | 'closed'
    Problem: {
      type?: string
      title?: string
      status: number
      code: string
      detail?: string | null
      errors?: { field: string; rule: string; detail?: string | null }[] | null
    }
    Me: {
      staff: { id: string; login: string; name: string; lang: S['Lang'] }
      must_change_password: boolean
      install_owner: boolean
      csrf: string
      space: { id: string; code: string; name: string; zone: string; lang: S['Lang'] }
      role: { key: string; name_zh: string; name_en: string }
      grants: Record<string, S['Level']>
      communities: string[] | null
      spaces: { id: string; code: string; name: string; role: string }[]
      version: string
      setup_done: boolean
    }
    Session: { id: string; created_at: string; last_seen_at: string; address: string; user_agent: string; current: boolean }
    Space: {
      id: string
      code: string
      name: string
      zone: string
      lang: S['Lang']
      created_at: string
      n_groups: number
      n_members: number
    }
    Zone: { name: string; offset_minutes: number }
    Staff: {
      id: string
      login: string
      name: string
      role: string
      communities: string[] | null
      state: 'active' | 'disabled'
      last_seen_at: string | null
      is_me: boolean
    }
    StaffNew: { login: string; name: string; role: string; communities?: string[] }
    StaffMade: S['Staff'] & { one_time_password: string | null }
    StaffPatch: { name?: string; role?: string; communities?: string[] | null; state?: 'active' | 'disabled' }
    Role: { key: string; name_zh: string; name_en: string; builtin: boolean; grants: Record<string, S['Level']> }
    RoleNew: { key: string; name: string; grants: Record<string, S['Level']> }
    Key: {
      id: string
      name: string
      role: string
      prefix: string
      created_at: string
      last_used_at: string | null
      expires_at: string | null
    }
    KeyMade: S['Key'] & { key: string }
    AuditRow: {
      seq: number | string
      at: string
      actor: { kind: string; id: string | null; name: string | null }
      action: string
      target_kind: string | null
      target_id: string | null
      target_name: string | null
      detail: unknown
      address: string | null
    }
    AuditVerdict: { ok: boolean; n: number; sealed_to: number | string | null; first_bad_seq: number | string | null }
    Community: {
      id: string
      name: string
      zone: string
      archetype: string | null
      n_groups: number
      n_members: number
      created_at: string
      state: S['OpenState']
    }
    CommunityNew: { name: string; zone?: string; archetype?: string }
    Coverage: { from: string; to: string; source: S['Source'] }
    Group: {
      id: string
      community_id: string
      community_name: string
      name: string
      carrier: string
      archetype: string | null
      quiet: boolean
      state: S['OpenState']
      created_at: string
      n_present: number | null
      n_present_truncated: boolean | number
      coverage: S['Coverage'] | null
      last_message_at: string | null
      life: { state: 'no_data' | 'alive' | 'dead'; as_of: string | null }
      needs_me: number
    }
    GroupNew: {
      community_id?: string
      community_name?: string
      name: string
      carrier: string
      archetype?: string
      quiet?: boolean
    }
    Membership: {
      group_id: string
      group_name: string
      from: string | null
      to: string | null
      left_truncated: boolean
      source: S['Source']
      role: string
    }
    Member: {
      id: string
      name: string
      kind: S['Kind']
      staff_id: string | null
      staff_name: string | null
      label: string | null
      n_groups: number
      identities?: { carrier: string; group_id: string | null; key: string; name: string | null }[]
      first_seen_at: string | null
      last_act_at: string | null
      n_messages: number
      memberships?: S['Membership'][] | null
    }
    MemberPatch: { name?: string; kind?: S['Kind']; staff_id?: string | null; label?: string | null }
    Upload: {
      id: string
      filename: string
      bytes: number
      format: string | null
      confidence: number
      charset: string
      problems: { code: string; sentence: string }[]
      columns: string[] | null
      sample: string[][] | null
      map: { columns: Record<string, string | null> } | null
      date_order: 'ymd' | 'dmy' | 'mdy' | null
    }
    ImportNew: {
      upload_id: string
      group_id?: string
      group_name?: string
      community_id?: string
      carrier?: string
      format?: string
      map?: { columns: Record<string, string> }
      zone?: string
      date_order?: string
      strict?: boolean
      pseudonymise?: boolean
      covers_to?: string
    }
    Import: {
      id: string
      group_id: string
      group_name: string
      filename: string
      format: string
      state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
      bytes: number
      bytes_done: number
      n_read: number
      n_imported: number
      n_duplicate: number
      n_skipped: number
      n_members_new: number
      n_truncated: number
      from: string | null
      to: string | null
      started_at: string | null
      finished_at: string | null
      eta_s: number | null
      error: { code: string; detail: string | null } | null
      problems?: { line: number; code: string; text_zh: string; text_en: string; excerpt: string | null }[] | null
      by: string | null
    }
    Portfolio: {
      as_of: string
      n_groups: number
      n_judged: number
      n_dead: number
      dead_rate_bp: number | null
      base_rate_bp: number
      life_median_days: number | null
      n_lives: number
      over_90d_bp: number | null
      groups: {
        id: string
        name: string
        state: string
        risk: number | null
        life_days: number | null
        month1: string | null
        as_of?: string | null
      }[]
    }
    MetricDef: {
      id: string
      name_zh: string
      name_en: string
      unit: string
      formula_zh: string
      formula_en: string
      source: string
      na_rule: string | null
      na_rule_en?: string | null
      source_en?: string | null
    }
    Metric: {
      value: number | null
      unit: string
      n: number | null
      of: number | null
      window: { from: string; to: string } | null
      source: S['Source']
      coverage_bp: number | null
      bound?: 'min' | null
      na: string | null
      na_en: string | null
      name_zh: string
      name_en: string
      [extra: string]: unknown
    }
    Finding: {
      code: string
      severity: 'good' | 'info' | 'watch' | 'bad'
      title_zh: string
      title_en: string
      evidence: Record<string, unknown> | null
      because_zh: string | null
      because_en: string | null
      remedy_zh: string | null
      remedy_en: string | null
      metric: string | null
    }
    DailyRow: {
      day: string
      messages: number
      speakers: number
      joins: number
      leaves: number
      new_speakers: number
      covered: boolean
    }
    Report: {
      group: {
        id: string
        name: string
        community: string
        carrier: string
        archetype: string | null
        zone: string
        quiet: boolean
      }
      as_of: string
      generated_at: string
      coverage: {
        from: string | null
        to: string | null
        source: S['Source']
        days_covered: number
        days_window: number
        note_zh: string | null
        note_en: string | null
        gaps: { from: string; to: string }[]
      } | null
      people: {
        present: number | null
        speakers: number
        left_truncated: number
        staff: number
        bots: number
        aliases: number
      }
      metrics: Record<string, S['Metric']>
      findings: S['Finding'][]
      series: {
        daily: S['DailyRow'][]
        rolling: { day: string; d1: number; d7: number; d30: number }[]
        heat: number[][]
        cohorts: { month: string; size: number; active: number[] }[]
        weeks: { from: string; messages: number; speakers: number; ratio_bp: number | null }[]
        top: { member_id: string; name: string; kind: S['Kind']; messages: number; days: number; last_at: string }[]
      }
    }
  }
}

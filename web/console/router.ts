import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { ask } from '@shared/components/confirm'
import { hasUnsaved } from '@shared/components/leave'
import { t } from '@shared/i18n'
import { can, me, resume } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    open?: boolean
    needs?: string
    bare?: boolean
  }
}

const pages: RouteRecordRaw[] = [
  { path: '', redirect: { name: 'groups' } },
  { path: 'groups', name: 'groups', component: () => import('./pages/groups/GroupsPage.vue'), meta: { needs: 'group' } },
  { path: 'communities', name: 'communities', component: () => import('./pages/groups/CommunitiesPage.vue'), meta: { needs: 'community' } },
  { path: 'groups/:id', name: 'group', component: () => import('./pages/group/GroupPage.vue'), props: true, meta: { needs: 'group' } },
  {
    path: 'groups/:id/members',
    name: 'group-members',
    component: () => import('./pages/group/GroupMembersPage.vue'),
    props: true,
    meta: { needs: 'member' },
  },
  { path: 'members', name: 'members', component: () => import('./pages/members/MembersPage.vue'), meta: { needs: 'member' } },
  { path: 'imports', name: 'imports', component: () => import('./pages/imports/ImportsPage.vue'), meta: { needs: 'import' } },
  { path: 'imports/new', name: 'import-new', component: () => import('./pages/imports/ImportNewPage.vue'), meta: { needs: 'import' } },
  {
    path: 'imports/:id',
    name: 'import',
    component: () => import('./pages/imports/ImportPage.vue'),
    props: true,
    meta: { needs: 'import' },
  },
  { path: 'reports', name: 'reports', component: () => import('./pages/reports/PortfolioPage.vue'), meta: { needs: 'report' } },
  { path: 'reports/metrics', name: 'metrics', component: () => import('./pages/reports/MetricsPage.vue'), meta: { needs: 'report' } },
  { path: 'team', name: 'team', component: () => import('./pages/team/TeamPage.vue'), meta: { needs: 'staff' } },
  { path: 'team/roles', name: 'roles', component: () => import('./pages/team/RolesPage.vue'), meta: { needs: 'staff' } },
  { path: 'settings', redirect: { name: 'account' } },
  { path: 'settings/account', name: 'account', component: () => import('./pages/settings/AccountPage.vue') },
  { path: 'settings/sessions', name: 'sessions', component: () => import('./pages/settings/SessionsPage.vue') },
  { path: 'settings/spaces', name: 'spaces', component: () => import('./pages/settings/SpacesPage.vue') },
  { path: 'settings/keys', name: 'keys', component: () => import('./pages/settings/KeysPage.vue'), meta: { needs: 'key' } },
  { path: 'settings/audit', name: 'audit', component: () => import('./pages/settings/AuditPage.vue'), meta: { needs: 'audit' } },
  { path: ':rest(.*)*', name: 'lost', component: () => import('./pages/LostPage.vue') },
]

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    { path: '/login', name: 'login', component: () => import('./pages/login/LoginPage.vue'), meta: { open: true, bare: true } },
    { path: '/setup', name: 'setup', component: () => import('./pages/setup/SetupPage.vue'), meta: { bare: true } },
    { path: '/', component: () => import('./shell/Shell.vue'), children: pages },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
})

const back = (path: string): Record<string, string> => (path === '/' || path === '/groups' ? {} : { next: path })

router.beforeEach(async (to, from) => {
  if (hasUnsaved() && from.name && to.path !== from.path && to.name !== 'login') {
    const go = await ask({ title: t('form.leave_title'), text: t('form.leave_text'), act: t('form.leave_act'), danger: true })
    if (!go) return false
  }
  if (to.meta.open) return true
  if (!(await resume())) return { name: 'login', query: back(to.fullPath) }
  const who = me.value!
  if (who.must_change_password && !who.setup_done && who.install_owner) return to.name === 'setup' ? true : { name: 'setup' }
  if (who.must_change_password) return { name: 'login', query: { step: 'password', ...back(to.fullPath) } }
  if (!who.setup_done && to.name === 'groups' && !from.name && can('group', 'full')) return { name: 'setup' }
  if (to.meta.needs && !can(to.meta.needs)) return { name: 'account', query: { denied: to.meta.needs } }
  return true
})

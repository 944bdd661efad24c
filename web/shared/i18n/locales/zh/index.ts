import account from './account.json'
import audit from './audit.json'
import chart from './chart.json'
import common from './common.json'
import communities from './communities.json'
import evidence from './evidence.json'
import finding from './finding.json'
import group from './group.json'
import groups from './groups.json'
import imports from './imports.json'
import keys from './keys.json'
import login from './login.json'
import members from './members.json'
import metrics from './metrics.json'
import reports from './reports.json'
import roles from './roles.json'
import sessions from './sessions.json'
import settings from './settings.json'
import setup from './setup.json'
import shell from './shell.json'
import spaces from './spaces.json'
import team from './team.json'
import top from './top.json'

export default {
  ...account,
  ...audit,
  ...chart,
  ...common,
  ...communities,
  ...evidence,
  ...finding,
  ...group,
  ...groups,
  ...imports,
  ...keys,
  ...login,
  ...members,
  ...metrics,
  ...reports,
  ...roles,
  ...sessions,
  ...settings,
  ...setup,
  ...shell,
  ...spaces,
  ...team,
  ...top,
}

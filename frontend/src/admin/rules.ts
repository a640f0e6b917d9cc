import type { Badge } from './badges'
import type { Rule, RuleChange, RuleRole, RuleScope, RuleStep, Verdict } from './types'

/** Whom a side of a rule can be about (contract R38). */
export const SCOPES: readonly RuleScope[] = ['tenant', 'platform', 'support']
/** The roles a rule can name, the highest first. */
export const ROLES: readonly RuleRole[] = ['platform_admin', 'owner', 'admin', 'member', 'support']
/** The longest name. */
export const MOST_NAME = 128
/** Priorities are integers of at most this size, either way. */
export const MOST_PRIORITY = 1_000_000

/** A rule as somebody fills it in. */
export interface RuleForm {
  name: string
  source_scope: RuleScope
  source_roles: RuleRole[]
  target_scope: RuleScope
  target_roles: RuleRole[]
  require_approval: boolean
  priority: string
  active: boolean
}

const scopeOf = (word: string): RuleScope => SCOPES.find((scope) => scope === word) ?? 'tenant'
const rolesOf = (words: readonly string[]): RuleRole[] => ROLES.filter((role) => words.includes(role))

/** What the form begins with: a rule that is there, or a new one. What is unknown in an invalid rule is not taken over. */
export function formOf(rule: Rule | null): RuleForm {
  if (rule === null) {
    return {
      name: '',
      source_scope: 'tenant',
      source_roles: [],
      target_scope: 'tenant',
      target_roles: [],
      require_approval: false,
      priority: '50',
      active: true,
    }
  }
  return {
    name: rule.name,
    source_scope: scopeOf(rule.source_scope),
    source_roles: rolesOf(rule.source_roles),
    target_scope: scopeOf(rule.target_scope),
    target_roles: rolesOf(rule.target_roles),
    require_approval: rule.require_approval,
    priority: String(rule.priority ?? 0),
    active: rule.active,
  }
}

/** What is wrong with a form: the key of the words, by field. */
export function faultsOf(form: RuleForm): Partial<Record<'name' | 'priority', string>> {
  const faults: Partial<Record<'name' | 'priority', string>> = {}
  if (form.name.trim() === '') faults.name = 'admin.rules.nameMissing'
  const priority = form.priority.trim()
  if (!/^-?\d+$/.test(priority) || Math.abs(Number(priority)) > MOST_PRIORITY) faults.priority = 'admin.rules.priorityWrong'
  return faults
}

/** What the service is told. */
export function changeOf(form: RuleForm): RuleChange {
  return { ...form, name: form.name.trim(), priority: Number(form.priority.trim()) }
}

/** How a verdict looks. The service may name it more closely than it has to: that makes no other sign. */
export function verdictBadge(verdict: Verdict): Badge {
  if (verdict === 'allowed' || verdict === 'contact') return { tone: 'good', sign: 'check', word: `admin.verdict.${verdict}` }
  if (verdict === 'needs_approval') return { tone: 'warn', sign: 'clock', word: 'admin.verdict.needs_approval' }
  if (verdict === 'blocked') return { tone: 'bad', sign: 'minus', word: 'admin.verdict.blocked' }
  return { tone: 'bad', sign: 'cross', word: 'admin.verdict.denied' }
}

/** A sentence in words: its key, and what stands in it. */
export interface Why {
  key: string
  roles: string[]
  /** The service's own words, where there are no others. */
  told?: string
}

/** The words of the service for why a rule is about a case, or is not. */
const WHY: ReadonlySet<string> = new Set([
  'allows',
  'asks',
  'off',
  'unreadable',
  'none_in_common',
  'sender_not_in_support',
  'receiver_not_in_support',
  'sender_lacks_role',
  'receiver_lacks_role',
  'sender_lacks_role_in_common',
  'receiver_lacks_role_in_common',
])

/** What the service says of a rule, to be said in the reader's language. What is new is shown as it was said. */
export function whyOf({ why, why_code: code, why_roles: roles, invalid }: RuleStep): Why {
  if (!WHY.has(code)) return { key: 'admin.rules.why.other', roles: [], told: why }
  const key = `admin.rules.why.${code}`
  return typeof invalid === 'string' ? { key, roles, told: invalid } : { key, roles }
}

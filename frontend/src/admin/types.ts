import type { Checks, ExternalSession, Member, Notification, Role, RoomKind, ServiceToken } from '@/api/schema'

/** A tenant: an integer, or a text where it is none (contract R18). */
export type TenantId = number | string

/** A page of a list of the admin API. */
export interface Page<Row> {
  items: Row[]
  next_cursor?: string | null
}

/** A person as admins see them. */
export interface Person {
  hub_user_id: string
  display_name: string
  /** The messenger's role. */
  role: Role
  /** What the hub calls the role. */
  hub_role?: string | null
  /** Whether they see every tenant here. */
  super_admin?: boolean
  /** Whether they are of the support team. */
  support?: boolean
  /** Which tokens they come with: `hub`, `clerk` or `local`. */
  source?: string | null
  tenant_id: TenantId
  matrix_user_id?: string | null
  active: boolean
  last_seen_at?: string | null
  created_at?: string | null
  deactivated_at?: string | null
  note?: string | null
  external_client_enabled?: boolean
  external_sessions?: number
}

/** A room as admins see it. */
export interface AdminRoom {
  room_id: string
  name?: string | null
  topic?: string | null
  room_type: RoomKind
  entity_type?: string | null
  entity_key?: string | null
  tenant_id: TenantId
  /** How many people are in it. */
  members?: number | null
  message_count?: number | null
  last_activity_at?: string | null
  created_at?: string | null
  created_by?: string | null
  /** Null: it is in use. */
  archived_at?: string | null
  /** The first 500; only in a room's own answer. */
  member_list?: Member[]
}

export type AdminNotification = Notification
export type Token = ServiceToken
export type Session = ExternalSession & { display_name?: string | null }

/** Something an admin did. */
export interface AuditEntry {
  id: number | string
  at: string
  actor: { hub_user_id: string; display_name?: string | null }
  /** Such as `user.deactivate`. */
  action: string
  target_type?: string | null
  target_id?: string | null
  tenant_id?: TenantId | null
  details?: Record<string, unknown> | null
  ip?: string | null
}

/** What happened in an hour. */
export interface Hour {
  hour: string
  messages: number
  notifications: number
}

/** The service at a glance: of the admin's tenant, or of all. */
export interface AdminOverview {
  people: number
  rooms: number
  notifications_queued: number
  notifications_failed: number
  outbox_oldest?: string | null
  external_sessions?: number
  /** Open streams of the replica that answered. */
  streams: number
  /** Null without Redis. */
  replicas?: number | null
  log_head: number
  /** The last 48 hours. */
  hourly?: Hour[]
  health?: { status: string; checks: Checks }
  version: string
  versions?: { service: string; homeserver?: string | null; database: string }
}

// -- Rules and broadcasts: types of their own until `docs/types.ts` has them -----------------------------------------------------------

/** Whom a side of a rule is about (contract R38). */
export type RuleScope = 'tenant' | 'platform' | 'support'
/** Roles that rules name. */
export type RuleRole = 'platform_admin' | 'owner' | 'admin' | 'member' | 'support'

/** Who may write to whom: one row of the table of rules. The highest priority that is about two people decides. */
export interface Rule {
  id: string
  name: string
  /** One of `RuleScope`, unless somebody wrote another word into the table. */
  source_scope: string
  /** Empty: anybody. */
  source_roles: string[]
  target_scope: string
  target_roles: string[]
  /** Whether a contact request has to be accepted first. */
  require_approval: boolean
  /** Null when there is no number in the table. */
  priority: number | null
  active: boolean
  /** Why it never matches, in words; null when it is well. */
  invalid?: string | null
}

/** What a rule becomes. */
export interface RuleChange {
  name: string
  source_scope: RuleScope
  source_roles: RuleRole[]
  target_scope: RuleScope
  target_roles: RuleRole[]
  require_approval: boolean
  priority: number
  active: boolean
}

export type Verdict = 'allowed' | 'contact' | 'needs_approval' | 'denied' | 'blocked'

/** A person as the rules see them. */
export interface RuleParty {
  hub_user_id: string
  display_name: string
  roles: string[]
  tenants: TenantId[]
}

/** What one rule says to a case. */
export interface RuleStep {
  rule: string
  name: string
  priority: number
  matches: boolean
  /** In English. */
  why: string
  /** The same as a stable word. */
  why_code: string
  /** The roles that somebody lacks. */
  why_roles: string[]
  /** What is wrong with a rule that cannot be read, in English. */
  invalid?: string | null
}

/** What the rules say of a message from one to another. */
export interface RuleTest {
  verdict: Verdict
  /** The rule that decided. */
  rule?: string | null
  reason: string
  reason_code: string
  from: RuleParty
  to: RuleParty
  /** What each rule said, in the order in which they are asked. */
  steps: RuleStep[]
}

/** An announcement into the general rooms of tenants. */
export interface Broadcast {
  id: string
  title: string
  body: string
  created_by: string
  created_by_name?: string | null
  created_at: string
  /** How many general rooms it goes to, has come to, and did not come to. */
  rooms: number
  sent: number
  failed: number
}

// -- Webhooks and sockets: types of their own until `docs/types.ts` has them -----------------------------------------------------------

/** What can be told to other programs (contract C053 to C055). */
export type PublishedType = 'conversation.created' | 'message.sent' | 'message.read'

/** An address that is told what happens (contract R67). */
export interface Webhook {
  id: string
  url: string
  /** Of `PublishedType`, and whatever else the service has by now. */
  events: string[]
  description?: string | null
  active: boolean
  /** Why the service switched it off; null when nobody or an admin did. */
  off_reason?: string | null
  /** What it missed, of one that is on; null when it missed nothing. */
  note?: string | null
  /** Null: it is told of every tenant. */
  tenant_id?: TenantId | null
  created_by: string
  created_at: string
  /** How many deliveries wait, arrived, and were given up. */
  queued: number
  delivered: number
  dead: number
  last_delivery_at?: string | null
  /** The HTTP status of the last answer; null when there was none. */
  last_status?: number | null
}

/** A webhook that has just been made: its secret is never told again. */
export interface NewWebhook extends Webhook {
  secret: string
}

/** What a webhook becomes. */
export interface WebhookChange {
  url: string
  events: string[]
  description: string
  /** Without it: every tenant for a super admin, their own for others. Only when it is made. */
  tenant_id?: TenantId
}

export type DeliveryStatus = 'queued' | 'delivered' | 'dead'

/** One event on its way to one webhook. */
export interface Delivery {
  id: number
  /** Such as `message.sent`, or `test.ping`. */
  type: string
  status: DeliveryStatus
  attempts: number
  next_attempt_at?: string | null
  /** The HTTP status of the last answer. */
  response_status?: number | null
  /** What was wrong the last time, in words. */
  error?: string | null
  created_at: string
  delivered_at?: string | null
  /** What is told, without what people wrote. */
  event: unknown
}

/** Open sockets and streams (contract R61). */
export interface SocketStats {
  connections: number
  /** How many people these are. */
  users: number
  /** Sockets by their namespace: `/`, `/messaging`. */
  namespaces: Record<string, number>
  streams: number
  rooms: number
}

import type {
  Checks,
  CreateWebhook,
  ExternalSession,
  Member,
  MessagingRule,
  Notification,
  operations,
  Role,
  RoomKind,
  RuleParty as Party,
  RuleTestAnswer,
  ServiceToken,
  Webhook as AnyWebhook,
  WebhookDelivery,
  WebsocketStats,
} from '@/api/schema'

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

// -- Rules and broadcasts --------------------------------------------------------------------------------------------------------------

/** Whom a side of a rule is about (contract R38). */
export type RuleScope = 'tenant' | 'platform' | 'support'
/** Roles that rules name. */
export type RuleRole = 'platform_admin' | 'owner' | 'admin' | 'member' | 'support'

/** Who may write to whom: one row of the table of rules. The highest priority that is about two people decides. */
export type Rule = MessagingRule

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
export type RuleParty = Omit<Party, 'tenants'> & { tenants: TenantId[] }

/** What one rule says to a case. */
export type RuleStep = RuleTestAnswer['steps'][number]

/** What the rules say of a message from one to another. */
export type RuleTest = Omit<RuleTestAnswer, 'verdict' | 'from' | 'to'> & { verdict: Verdict; from: RuleParty; to: RuleParty }

/** An announcement into the general rooms of tenants. */
export type Broadcast = operations['list_broadcasts']['responses'][200]['content']['application/json']['items'][number]

// -- Webhooks and sockets --------------------------------------------------------------------------------------------------------------

/** What can be told to other programs (contract C053 to C055). */
export type PublishedType = 'conversation.created' | 'message.sent' | 'message.read'

/** An address that is told what happens (contract R67). */
export type Webhook = Omit<AnyWebhook, 'secret' | 'tenant_id'> & {
  /** Null: it is told of every tenant. */
  tenant_id?: TenantId | null
}

/** A webhook that has just been made: its secret is never told again. */
export type NewWebhook = Webhook & { secret: string }

/** What a webhook becomes. */
export type WebhookChange = Required<Omit<CreateWebhook, 'tenant_id'>> & {
  /** Without it: every tenant for a super admin, their own for others. Only when it is made. */
  tenant_id?: TenantId
}

export type DeliveryStatus = 'queued' | 'delivered' | 'dead'

/** One event on its way to one webhook. */
export type Delivery = WebhookDelivery

/** Open sockets and streams of the replica that answered (contract R61): of the admin's tenant, or of all. */
export type SocketStats = WebsocketStats

// All SQL. Statements have names, so that PostgreSQL plans each once for a connection.

import { randomUUID } from 'node:crypto'
import pg from 'pg'

const TABLES = `
  CREATE TABLE IF NOT EXISTS conversations (
    id UUID PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT,
    created_at TIMESTAMPTZ NOT NULL
  );
  CREATE TABLE IF NOT EXISTS participants (
    conversation_id UUID NOT NULL REFERENCES conversations,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    last_read_at TIMESTAMPTZ,
    PRIMARY KEY (conversation_id, user_id)
  );
  CREATE INDEX IF NOT EXISTS participants_user ON participants (user_id);
  CREATE TABLE IF NOT EXISTS messages (
    id UUID PRIMARY KEY,
    conversation_id UUID NOT NULL REFERENCES conversations,
    sender_id TEXT NOT NULL,
    content TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
  );
  CREATE INDEX IF NOT EXISTS messages_page ON messages (conversation_id, created_at DESC);
`

/** Opens the pool and makes the tables. */
export async function openStore(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 10 })
  await pool.query(TABLES)

  const conversationsOf = async (userId) => {
    const text = 'SELECT conversation_id FROM participants WHERE user_id = $1'
    const { rows } = await pool.query({ name: 'conversations', text, values: [userId] })
    return rows.map((row) => row.conversation_id)
  }

  const isParticipant = async (conversationId, userId) => {
    const text = 'SELECT 1 FROM participants WHERE conversation_id::text = $1 AND user_id = $2'
    return (await pool.query({ name: 'participant', text, values: [conversationId, userId] })).rowCount > 0
  }

  const createConversation = async (type, name, owner, participants) => {
    const conversation = { id: randomUUID(), type, name: name ?? null, createdAt: new Date().toISOString() }
    const text = `
      WITH made AS (INSERT INTO conversations (id, type, name, created_at) VALUES ($1, $2, $3, $4) RETURNING id)
      INSERT INTO participants (conversation_id, user_id, role)
        SELECT made.id, person, CASE person WHEN $5 THEN 'OWNER' ELSE 'MEMBER' END FROM made, unnest($6::text[]) AS person`
    await pool.query(text, [conversation.id, type, conversation.name, conversation.createdAt, owner, participants])
    return conversation
  }

  const insertMessage = async (message) => {
    const text =
      'INSERT INTO messages (id, conversation_id, sender_id, content, type, created_at) VALUES ($1, $2, $3, $4, $5, $6)'
    const { id, conversationId, senderId, content, type, createdAt } = message
    await pool.query({ name: 'message', text, values: [id, conversationId, senderId, content, type, createdAt] })
  }

  const markRead = async (conversationId, userId, readAt) => {
    const text = `
      UPDATE participants SET last_read_at = GREATEST(last_read_at, $3) WHERE conversation_id = $1 AND user_id = $2`
    await pool.query({ name: 'read', text, values: [conversationId, userId, readAt] })
  }

  return { conversationsOf, isParticipant, createConversation, insertMessage, markRead, close: () => pool.end() }
}

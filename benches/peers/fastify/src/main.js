// The stack that the messenger service replaces: Fastify, Socket.IO with its Redis adapter, PostgreSQL.

import cors from '@fastify/cors'
import Fastify from 'fastify'
import { createVerifier } from 'fast-jwt'
import { connectRedis } from './presence.js'
import { openSockets } from './sockets.js'
import { openStore } from './store.js'

const { DATABASE_URL, REDIS_URL, HUB_SECRET_KEY, HOST = '127.0.0.1', PORT = '3020', CORS_ORIGINS = '*' } = process.env
if (!DATABASE_URL || !REDIS_URL || !HUB_SECRET_KEY) {
  console.error('DATABASE_URL, REDIS_URL and HUB_SECRET_KEY must be set')
  process.exit(2)
}
const origins = CORS_ORIGINS === '*' ? true : CORS_ORIGINS.split(',')

// A token is checked once for each handshake; verified ones are remembered, as a busy REST API would do.
const verify = createVerifier({ key: HUB_SECRET_KEY, algorithms: ['HS256'], requiredClaims: ['sub', 'exp'], cache: 10_000 })
const person = (token) => {
  const claims = verify(token)
  return { id: claims.sub, tenant: String(claims.tenant_id ?? '1'), name: claims.display_name ?? claims.sub }
}

const store = await openStore(DATABASE_URL)
const redis = await connectRedis(REDIS_URL)
const app = Fastify({ logger: { level: 'warn' } })
await app.register(cors, { origin: origins })
const { io, close: closeSockets } = openSockets(app.server, { store, redis, person, origins, log: app.log })

app.decorateRequest('person', null)
const signedIn = async (request, reply) => {
  try {
    request.person = person((request.headers.authorization ?? '').replace(/^Bearer /, ''))
  } catch {
    return reply.code(401).send({ error: 'Unauthorized', message: 'a valid token is needed' })
  }
}

app.get('/api/v1/health', () => ({ status: 'healthy', service: 'messaging.peer', timestamp: new Date().toISOString() }))

const newConversation = {
  type: 'object',
  required: ['type', 'participantIds'],
  properties: {
    type: { enum: ['DIRECT', 'GROUP', 'SUPPORT'] },
    name: { type: 'string', maxLength: 255 },
    participantIds: { type: 'array', maxItems: 10_000, items: { type: 'string', minLength: 1 } },
  },
}
app.post('/api/v1/conversations', { preHandler: signedIn, schema: { body: newConversation } }, async (request, reply) => {
  const { type, name, participantIds } = request.body
  const participants = [...new Set([request.person.id, ...participantIds])]
  const conversation = await store.createConversation(type, name, request.person.id, participants)
  // who is connected is in the room at once
  io.in(participants.map((id) => `user:${id}`)).socketsJoin(`conversation:${conversation.id}`)
  return reply.code(201).send({ conversation })
})

await app.listen({ host: HOST, port: Number(PORT) })

const stop = async () => {
  await closeSockets()
  await app.close()
  await store.close()
  await redis.close()
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)

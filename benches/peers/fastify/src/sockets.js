// The Socket.IO side: rooms `user:`, `tenant:` and `conversation:`, and the events of the root namespace.

import { randomUUID } from 'node:crypto'
import { createAdapter } from '@socket.io/redis-adapter'
import { Server } from 'socket.io'
import { came, online, went } from './presence.js'

const roomOf = (conversationId) => `conversation:${conversationId}`
const now = () => new Date().toISOString()

/** Opens the root namespace on a server. Closing it closes the server, too. */
export function openSockets(server, { store, redis, person, origins, log }) {
  const io = new Server(server, {
    transports: ['websocket', 'polling'],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    cors: { origin: origins },
  })
  const [publisher, subscriber] = [redis.duplicate(), redis.duplicate()]
  for (const client of [publisher, subscriber]) {
    client.on('error', (error) => log.error(error))
    client.connect().catch((error) => log.error(error))
  }
  io.adapter(createAdapter(publisher, subscriber))

  // the request of the handshake is some KiB that nobody reads again (Socket.IO's own advice)
  io.engine.on('connection', (socket) => {
    socket.request = null
  })

  io.use(async (socket, next) => {
    try {
      const { token, tenantId } = socket.handshake.auth
      const who = person(token)
      if (tenantId !== undefined && String(tenantId) !== who.tenant) throw new Error('not of this tenant')
      const conversations = await store.conversationsOf(who.id)
      socket.data = { person: who, inTenantRoom: tenantId !== undefined, conversations }
      next()
    } catch (error) {
      next(new Error(`Authentication failed: ${error.message}`))
    }
  })

  io.on('connection', (socket) => {
    const { person: who, inTenantRoom, conversations } = socket.data
    delete socket.data.conversations
    socket.join([`user:${who.id}`, ...conversations.map(roomOf), ...(inTenantRoom ? [`tenant:${who.tenant}`] : [])])
    const tenantRoom = `tenant:${who.tenant}`
    const failed = (event, conversationId) => (error) => {
      log.error(error)
      socket.emit(event, { error: 'internal error', conversationId })
    }

    came(redis, who)
      .then((first) => {
        if (first) io.to(tenantRoom).emit('presence:online', { userId: who.id, tenantId: who.tenant, timestamp: now() })
      })
      .catch((error) => log.error(error))
    socket.on('disconnect', () => {
      went(redis, who)
        .then((last) => {
          if (last) io.to(tenantRoom).emit('presence:offline', { userId: who.id, tenantId: who.tenant, lastSeen: now() })
        })
        .catch((error) => log.error(error))
    })

    // a socket is in the rooms of its conversations, which makes the check of participation a look into a set
    const mayWrite = async (conversationId) =>
      socket.rooms.has(roomOf(conversationId)) || (await store.isParticipant(conversationId, who.id))

    const send = async ({ conversationId, content, type = 'TEXT', clientId }) => {
      if (typeof content !== 'string' || content.length < 1 || content.length > 16_000) {
        socket.emit('message:error', { error: 'content must have 1 to 16000 characters', conversationId })
        return
      }
      if (!(await mayWrite(conversationId))) {
        socket.emit('message:error', { error: 'not a participant', conversationId })
        return
      }
      const message = { id: randomUUID(), conversationId, senderId: who.id, content, type, createdAt: now() }
      await store.insertMessage(message)
      const shown = { ...message, sender: { name: who.name, avatarUrl: null }, clientId }
      io.to(roomOf(conversationId)).emit('message:new', { message: shown, conversationId })
      socket.emit('message:sent', { messageId: message.id, conversationId, timestamp: message.createdAt, clientId })
    }
    socket.on('message:send', (data) => {
      send(data ?? {}).catch(failed('message:error', data?.conversationId))
    })

    const typing = (isTyping) => (data) => {
      const conversationId = data?.conversationId
      if (!socket.rooms.has(roomOf(conversationId))) return
      socket.to(roomOf(conversationId)).emit('typing:update', { userId: who.id, conversationId, isTyping })
    }
    socket.on('typing:start', typing(true))
    socket.on('typing:stop', typing(false))

    socket.on('messages:read', (data) => {
      const conversationId = data?.conversationId
      if (!socket.rooms.has(roomOf(conversationId))) return
      const readAt = data.lastReadAt ?? now()
      store
        .markRead(conversationId, who.id, readAt)
        .then(() => io.to(roomOf(conversationId)).emit('messages:read', { userId: who.id, conversationId, readAt }))
        .catch(failed('conversation:error', conversationId))
    })

    const join = async (conversationId) => {
      if (!(await store.isParticipant(conversationId, who.id))) {
        socket.emit('conversation:error', { error: 'not a participant', conversationId })
        return
      }
      socket.join(roomOf(conversationId))
      socket.emit('conversation:joined', { conversationId })
    }
    socket.on('conversation:join', (data) => {
      join(data?.conversationId).catch(failed('conversation:error', data?.conversationId))
    })
    socket.on('conversation:leave', (data) => {
      socket.leave(roomOf(data?.conversationId))
      socket.emit('conversation:left', { conversationId: data?.conversationId })
    })

    socket.on('presence:get', () => {
      online(redis, who.tenant)
        .then((onlineUsers) => socket.emit('presence:list', { tenantId: who.tenant, onlineUsers }))
        .catch((error) => log.error(error))
    })
  })

  io.of('/').adapter.on('error', (error) => log.error(error))
  const close = async () => {
    await io.close()
    await Promise.all([publisher.close(), subscriber.close()])
  }
  return { io, close }
}

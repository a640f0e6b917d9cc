// Who is online, counted in Redis for all instances together: somebody goes with the last of their sockets.

import { createClient } from 'redis'

/** A connected client. */
export async function connectRedis(url) {
  const client = createClient({ url })
  client.on('error', (error) => console.error('redis:', error.message))
  await client.connect()
  return client
}

const key = (tenant) => `presence:${tenant}`

/** Counts a socket; whether it is the person's first. */
export const came = async (redis, { tenant, id }) => (await redis.hIncrBy(key(tenant), id, 1)) === 1

// one command, so that a stop of the server leaves nobody behind half counted
const GO = `
  local left = redis.call('HINCRBY', KEYS[1], ARGV[1], -1)
  if left <= 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
  return left`

/** Takes a socket away; whether it was the person's last. */
export const went = async (redis, { tenant, id }) => (await redis.eval(GO, { keys: [key(tenant)], arguments: [id] })) <= 0

/** Everybody of a tenant who is online. */
export const online = (redis, tenant) => redis.hKeys(key(tenant))

import type { Person } from './hub'
import { setting } from './settings'

/** Opens a Socket.IO socket of the namespace `/messaging` by polling. Nobody listens to it, so the service closes it after a minute. */
export async function openSocket({ token }: Person): Promise<void> {
  const address = `${setting('E2E_BASE_URL')}/socket.io/?EIO=4&transport=polling`
  const ask = async (url: string, body: string | null = null): Promise<string> => {
    const answer = await fetch(url, { method: body === null ? 'GET' : 'POST', body })
    if (!answer.ok) throw new Error(`socket.io: ${String(answer.status)} ${await answer.text()}`)
    return answer.text()
  }
  const { sid } = JSON.parse((await ask(address)).slice(1)) as { sid: string }
  const mine = `${address}&sid=${sid}`
  await ask(mine, `40/messaging,${JSON.stringify({ token })}`)
  while (!(await ask(mine)).includes('40/messaging,')) continue
  // The ping that came before it.
  await ask(mine, '3')
}
